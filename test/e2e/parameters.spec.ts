// Guarantee: what a parameter of the API asks for reaches the model, and the next request on the same process shows none
// of it.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { ask, Gateway } from '../support/gateway.ts';
import type { MessagesRequestBody } from '../support/scripted-messages-api.ts';
import { text } from '../support/scripted-messages-api.ts';

const ONE_PROCESS = {
  CLAUDE__MAX_CONCURRENT_SESSIONS: '1',
  PROCESS_POOL__SIZE: '1',
  PROCESS_POOL__MIN_IDLE: '1',
  PROCESS_POOL__MAX_IDLE: '1',
};
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: ONE_PROCESS });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());

const f = { type: 'function', function: { name: 'f', description: 'does f', parameters: { type: 'object' } } };
const g = { type: 'function', function: { name: 'g' } };

/** The request without what differs from process to process. */
function comparable(raw: string): object {
  const { metadata: _metadata, ...rest } = JSON.parse(raw) as MessagesRequestBody;
  return rest;
}

async function requestFor(parameters: object): Promise<{ seen: MessagesRequestBody; raw: string; ignored: string }> {
  const response = await gateway.post(ask('x', parameters));
  assert.equal(response.status, 200, await response.clone().text());
  await response.text();
  const { body: seen, raw } = gateway.api.last;
  return { seen, raw, ignored: response.headers.get('x-claude-code-ignored') ?? '' };
}

/** The name that the model sees for a tool that is offered in a request. */
function seenName(seen: MessagesRequestBody, name: string): string {
  const found = seen.tools?.find((tool) => tool.name.endsWith(`__${name}`));
  assert.match(found?.name ?? '', new RegExp(`^mcp__client_[0-9a-f]{20}__${name}$`));
  return found?.name ?? '';
}

type Effect = (seen: MessagesRequestBody) => void;
const has =
  (field: string, value: unknown): Effect =>
  (seen) =>
    assert.deepEqual(seen[field], value);
const lacks =
  (field: string): Effect =>
  (seen) =>
    assert.ok(!(field in seen), `${field} is ${JSON.stringify(seen[field])}`);

const CASES: [string, object, Effect, ignored?: RegExp][] = [
  ['temperature', { temperature: 0.3 }, has('temperature', 0.3)],
  ['temperature above 1', { temperature: 1.7 }, has('temperature', 1), /^temperature \(1 is the highest/],
  ['top_p', { top_p: 0.4 }, has('top_p', 0.4)],
  ['top_p beside temperature', { top_p: 0.4, temperature: 0.5 }, lacks('top_p'), /^top_p/],
  ['a stop text', { stop: 'END' }, has('stop_sequences', ['END'])],
  ['four stop texts', { stop: ['a', 'b', 'c', '\n\nd'] }, has('stop_sequences', ['a', 'b', 'c', '\n\nd'])],
  ['max_tokens', { max_tokens: 77 }, has('max_tokens', 77)],
  ['max_completion_tokens before max_tokens', { max_completion_tokens: 66, max_tokens: 77 }, has('max_tokens', 66)],
  ['no reasoning', { reasoning_effort: 'none' }, has('thinking', { type: 'disabled' })],
  [
    'reasoning beside temperature',
    { reasoning_effort: 'high', temperature: 0.2 },
    (seen) => {
      assert.notDeepEqual(seen['thinking'], { type: 'disabled' });
      assert.ok(!('temperature' in seen) || seen['temperature'] === 1);
    },
    /^temperature \(not available while the model thinks\)$/,
  ],
  [
    'reasoning within a limit too small for it',
    { reasoning_effort: 'high', max_tokens: 500 },
    (seen) => {
      has('thinking', { type: 'disabled' })(seen);
      has('max_tokens', 500)(seen);
    },
    /^reasoning_effort \(the limit of the answer leaves no room to think/,
  ],
  ['a low effort', { reasoning_effort: 'low' }, has('thinking', { type: 'enabled', budget_tokens: 4000 })],
  ['a medium effort', { reasoning_effort: 'medium' }, has('thinking', { type: 'enabled', budget_tokens: 10_000 })],
  ['a high effort', { reasoning_effort: 'high' }, has('thinking', { type: 'enabled', budget_tokens: 16_000 })],
  [
    'a high effort within a limit',
    { reasoning_effort: 'high', max_completion_tokens: 3024 },
    (seen) => {
      has('thinking', { type: 'enabled', budget_tokens: 2024 })(seen);
      has('max_tokens', 3024)(seen);
    },
  ],
  [
    'an effort of a model that takes both a budget and an effort',
    { model: 'claude-opus-4-5', reasoning_effort: 'medium' },
    (seen) => {
      has('thinking', { type: 'enabled', budget_tokens: 10_000 })(seen);
      has('output_config', { effort: 'medium' })(seen);
    },
  ],
  [
    'an effort of an older model with a limit above what it can give',
    { model: 'claude-opus-4-1', reasoning_effort: 'max', max_tokens: 900_000 },
    (seen) => {
      has('thinking', { type: 'enabled', budget_tokens: 24_000 })(seen);
      assert.ok(seen.max_tokens > 24_000);
    },
  ],
  [
    'an effort of a model that does not think',
    { model: 'claude-3-5-haiku-20241022', reasoning_effort: 'high' },
    (seen) => assert.notEqual((seen['thinking'] as { type?: string } | undefined)?.type, 'enabled'),
    /^reasoning_effort \(this model does not think\)$/,
  ],
  [
    'a low effort of a model that has levels',
    { model: 'sonnet', reasoning_effort: 'low' },
    (seen) => assert.equal((seen['output_config'] as { effort?: string }).effort, 'low'),
  ],
  ['tool_choice auto', { tools: [f], tool_choice: 'auto' }, lacks('tool_choice')],
  ['tool_choice none', { tools: [f], tool_choice: 'none' }, has('tool_choice', { type: 'none' })],
  ['tool_choice required', { tools: [f], tool_choice: 'required' }, has('tool_choice', { type: 'any' })],
  [
    'a tool_choice that names a function',
    { tools: [f, g], tool_choice: { type: 'function', function: { name: 'g' } } },
    (seen) => has('tool_choice', { type: 'tool', name: seenName(seen, 'g') })(seen),
  ],
  [
    'one call at a time',
    { tools: [f], parallel_tool_calls: false },
    has('tool_choice', { type: 'auto', disable_parallel_tool_use: true }),
  ],
  [
    'a call of the legacy form',
    { functions: [f.function], function_call: { name: 'f' } },
    (seen) => has('tool_choice', { type: 'tool', name: seenName(seen, 'f'), disable_parallel_tool_use: true })(seen),
  ],
  [
    'hints',
    { seed: 1, user: 'u', metadata: { a: 'b' }, service_tier: 'flex' },
    lacks('seed'),
    /^seed, user, metadata, service_tier$/,
  ],
];

for (const [what, parameters, effect, ignored] of CASES) {
  test(`${what} reaches the model, and the next request shows none of it`, async () => {
    const model = 'model' in parameters ? { model: parameters.model } : {};
    const before = await requestFor(model);
    const asked = await requestFor(parameters);
    effect(asked.seen);
    assert.match(asked.ignored, ignored ?? /^$/);
    const next = await requestFor(model);
    assert.deepEqual(comparable(next.raw), comparable(before.raw));
    assert.equal(next.ignored, '');
    assert.equal(gateway.api.requests.length, 3, 'one request upstream for each');
    assert.equal(gateway.cliPids.length, 1, 'all on one process');
  });
}

const SCHEMAS: [string, object | undefined][] = [
  ['references', { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } }],
  [
    'a schema that contains itself',
    {
      type: 'object',
      properties: { next: { $ref: '#/$defs/n' } },
      $defs: { n: { anyOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] } },
    },
  ],
  ['alternatives', { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }],
  [
    'text of every script',
    { type: 'object', properties: { a: { type: 'string', description: 'größe 大小 🦊', enum: ['ü', '大'] } } },
  ],
  [
    'bounds and formats',
    {
      type: 'object',
      properties: { a: { type: 'string', format: 'date', pattern: '^\\d+$', minLength: 2 } },
      required: ['a'],
      additionalProperties: false,
    },
  ],
  [
    'the dialect of another draft',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { a: { type: 'integer', minimum: 0 } },
    },
  ],
];
for (const [what, parameters] of SCHEMAS) {
  test(`a tool whose schema has ${what} is offered exactly so`, async () => {
    const tools = [{ type: 'function', function: { name: 'f', description: 'd', parameters } }];
    const { seen } = await requestFor({ tools });
    assert.deepEqual(
      seen.tools?.map(({ input_schema: schema }) => schema),
      [parameters],
    );
  });
}

test('a tool without a schema takes nothing', async () => {
  const { seen } = await requestFor({ tools: [g] });
  assert.deepEqual(seen.tools?.[0]?.input_schema, { type: 'object', properties: {} });
});

test('128 tools with names of 64 characters are all offered, in the order of their names, under their own names', async () => {
  const name = (index: number): string => `${String(index).padStart(3, '0')}_${'Long-name_'.repeat(6)}`;
  const indices = Array.from({ length: 128 }, (_value, index) => index);
  const tools = indices
    .toReversed()
    .map((index) => ({ type: 'function', function: { name: name(index), description: `d ${index}` } }));
  assert.equal(name(0).length, 64);
  const { seen } = await requestFor({ tools });
  assert.deepEqual(
    seen.tools?.map((tool) => tool.name.replace(/^mcp__client_[0-9a-f]{20}__/, '')),
    indices.map(name),
  );
  gateway.api.respondOnce({
    kind: 'message',
    content: [{ type: 'tool_use', name: seen.tools?.[127]?.name ?? '', input: {} }],
  });
  const answer = await gateway.client().chat.completions.create({ ...ask('x'), tools: tools as never });
  const call = answer.choices[0]?.message.tool_calls?.[0];
  assert.ok(call?.type === 'function' && call.function.name === name(127));
});

test('a stop text ends the answer, never shows and is told as the reason, streamed or not', async () => {
  gateway.api.respond(text('before ', { stopReason: 'stop_sequence', stopSequence: 'END' }));
  const whole = await gateway.client().chat.completions.create({ ...ask('x'), stop: 'END' });
  assert.deepEqual([whole.choices[0]?.message.content, whole.choices[0]?.finish_reason], ['before ', 'stop']);
  const raw = await (await gateway.post(ask('x', { stop: 'END', stream: true }))).text();
  assert.ok(raw.includes('"finish_reason":"stop"') && !raw.includes('END'));
});

test('an answer that reaches its limit ends there with length; what the CLI asks next is cancelled and leaves nothing behind', async () => {
  const cut = text('cut of', { stopReason: 'max_tokens' });
  for (const stream of [false, true]) {
    gateway.api.reset();
    // No model answers at once.
    gateway.api.respond(({ index }) => (index === 0 ? cut : text('CONTINUED', { firstDelayMs: 1000 })));
    const raw = await (await gateway.post(ask('x', { max_tokens: 5, stream }))).text();
    assert.match(raw, /"finish_reason":"length"/);
    assert.ok(raw.includes('cut of') && !raw.includes('CONTINUED'));
    await gateway.api.until(({ requests }) => requests.every(({ outcome }) => outcome !== 'open'));
    assert.ok(gateway.api.requests.slice(1).every(({ outcome }) => outcome === 'cancelled'));
  }
  gateway.api.respond(text('fine'));
  const { seen } = await requestFor({});
  assert.equal(seen.messages.length, 1);
});

test('with strict_parameters what has no effect is refused, and nothing is asked of the model', async () => {
  const strict = await Gateway.start({
    settings: { ...ONE_PROCESS, CLAUDE__STRICT_PARAMETERS: 'true' },
    api: gateway.api,
  });
  for (const [parameters, param] of [
    [{ seed: 1 }, 'seed'],
    [{ temperature: 1.5 }, 'temperature'],
    [{ nonsense: true }, 'nonsense'],
  ] as const) {
    const response = await strict.post(ask('x', parameters));
    assert.equal(response.status, 400);
    assert.equal(((await response.json()) as { error: { param: string } }).error.param, param);
  }
  assert.equal(gateway.api.requests.length, 0);
  await strict.stop();
});
