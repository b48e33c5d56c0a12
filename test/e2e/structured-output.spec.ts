// Guarantee: whatever the model answers where a format was asked for, the client gets valid JSON or is told that there is none.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { sessionIdOf } from '../support/cli-session.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import {
  failure,
  spokenMessages,
  systemTexts,
  text,
  type RecordedRequest,
  type ScriptedReply,
} from '../support/scripted-messages-api.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(failure(400, { message: 'nothing more was to be asked' }));
});

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, people: { type: 'integer' } },
  required: ['city', 'people'],
  additionalProperties: false,
};
const OSLO = '{"city":"Oslo","people":700000}';
const AS_SCHEMA = { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } } as const;
const AS_OBJECT = { type: 'json_object' } as const;

const wanted = (more: object = {}) => ({ ...ask('Which city?'), response_format: AS_SCHEMA, ...more });

async function whole(more: object, ...replies: ScriptedReply[]) {
  gateway.api.respondOnce(...replies);
  const response = await gateway.post(wanted(more));
  const body = (await response.json()) as ChatCompletion & { error?: { code: string; message: string } };
  assertMatchesSchema(response.ok ? 'CreateChatCompletionResponse' : 'ErrorResponse', body);
  return { response, body, choice: body.choices?.[0], content: body.choices?.[0]?.message.content };
}

/** The events of a streamed answer, each as JSON. */
async function streamed(more: object, ...replies: ScriptedReply[]) {
  gateway.api.respondOnce(...replies);
  const response = await gateway.post(wanted({ stream: true, ...more }));
  const raw = await response.text();
  const events = raw.split('\n\n').filter((line) => line.startsWith('data: {'));
  const chunks = events.map((line) => JSON.parse(line.slice(6)) as { choices?: { delta: { content?: string } }[]; error?: { code: string } }); // prettier-ignore
  return {
    status: response.status,
    raw,
    content: chunks.map(({ choices }) => choices?.[0]?.delta.content ?? '').join(''),
    error: chunks.at(-1)?.error,
    isDone: raw.endsWith('data: [DONE]\n\n'),
  };
}

const WRONG: Record<string, ScriptedReply> = {
  prose: text('It is Oslo, where 700,000 people live.'),
  'two answers among prose': text(`Either ${OSLO} or {"city":"Bergen","people":290000}.`),
  'a list': text(`[${OSLO}]`),
};
const WRONG_AFTER_ALL: Record<string, ScriptedReply> = {
  'broken JSON': text('{"city":"Oslo","people":700000,}'),
  'JSON that is not complete': text('{"city":"Oslo"'),
  'JSON of another shape': text('{"city":"Oslo","people":"many"}'),
  'JSON with other JSON behind it': text(`${OSLO}\n\nOr {"city":"Bergen"}.`),
};

for (const [what, reply] of Object.entries({ ...WRONG, ...WRONG_AFTER_ALL })) {
  test(`${what}, whole: one more request on the same process mends it, and both are counted`, async () => {
    const { body, response, content } = await whole({}, reply, text(OSLO));
    assert.equal(content, OSLO);
    assert.equal(gateway.api.requests.length, 2);
    const [first, second] = gateway.api.requests.map((request) => request.body);
    const said = reply.kind === 'message' && reply.content[0]?.type === 'text' ? reply.content[0].text : '';
    const messages = spokenMessages(second!);
    assert.deepEqual(messages.slice(0, 2), [['user', 'Which city?'], ['assistant', said]]); // prettier-ignore
    assert.match(messages[2]?.[1] ?? '', /^That answer cannot be used: /);
    assert.deepEqual(second?.['output_config'], first?.['output_config']);
    assert.ok(sessionIdOf(first!));
    assert.equal(sessionIdOf(second!), sessionIdOf(first!));
    assert.deepEqual([body.usage?.prompt_tokens, body.usage?.completion_tokens], [2 * 19, 2 * 7]);
    assert.ok(Number(response.headers.get('x-claude-code-cost-usd')) > 0);
  });

  test(`${what}, twice: 502 that says what is wrong`, async () => {
    const { body, response } = await whole({}, reply, reply);
    assert.deepEqual([response.status, body.error?.code], [502, 'structured_output_failed']);
    assert.equal(gateway.api.requests.length, 2);
    assert.doesNotMatch(gateway.output, /Oslo/, 'the answer is not logged');
  });
}

for (const [what, reply] of Object.entries(WRONG)) {
  test(`${what}, streamed: nothing of it is shown, the mended answer is`, async () => {
    const { content, isDone } = await streamed({}, reply, text(OSLO));
    assert.deepEqual([content, isDone, gateway.api.requests.length], [OSLO, true, 2]);
  });

  test(`${what}, streamed twice: an HTTP error, since nothing was shown`, async () => {
    const { status, content, raw } = await streamed({}, reply, reply);
    assert.deepEqual([status, content, gateway.api.requests.length], [502, '', 2]);
    assert.match(raw, /structured_output_failed/);
  });
}

for (const [what, reply] of Object.entries(WRONG_AFTER_ALL)) {
  test(`${what}, streamed: what was shown is followed by an error, and no second request is made`, async () => {
    const { status, error, isDone } = await streamed({}, reply);
    assert.deepEqual([status, error?.code, isDone], [200, 'structured_output_failed', false]);
    assert.equal(gateway.api.requests.length, 1);
  });
}

test('an answer in a code fence is taken out of it, without a second request', async () => {
  const fenced = text(`\`\`\`json\n${OSLO}\n\`\`\``, { deltaLength: 2 });
  assert.equal((await whole({}, fenced)).content, OSLO);
  assert.equal((await streamed({}, fenced)).content, OSLO);
  assert.equal(gateway.api.requests.length, 2);
});

for (const [what, words] of [
  ['prose before JSON', `Here you are: ${OSLO}`],
  ['JSON with prose behind it', `${OSLO}\n\nThat is {the} city.`],
  ['prose around a fence', `Here you are:\n\`\`\`json\n${OSLO}\n\`\`\`\nAnything else?`],
] as const) {
  test(`${what}: the JSON alone is the answer, whole and streamed, without a second request`, async () => {
    const reply = text(words, { deltaLength: 4 });
    assert.equal((await whole({}, reply)).content, OSLO);
    const { content, isDone } = await streamed({}, reply);
    assert.deepEqual([content, isDone, gateway.api.requests.length], [OSLO, true, 2]);
    const asked = { response_format: AS_OBJECT };
    assert.equal((await whole(asked, reply)).content, OSLO);
    assert.equal(gateway.api.requests.length, 3);
  });
}

test('json_object beside a schema is held to the schema', async () => {
  const asked = { response_format: { type: 'json_object', schema } };
  assert.equal((await whole(asked, text(OSLO))).content, OSLO);
  assert.deepEqual((gateway.api.last.body['output_config'] as { format: object }).format, { type: 'json_schema', schema }); // prettier-ignore
  assert.equal((await whole(asked, text('{"city":1}'), text(OSLO))).content, OSLO);
  assert.equal(gateway.api.requests.length, 3);
  assert.equal((await whole(asked, text(OSLO))).response.headers.get('x-claude-code-ignored'), null);
});

const HOPELESS: [what: string, schema: object, reason: RegExp][] = [
  ['__proto__ as a required property', JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"],"additionalProperties":false}') as object, /'__proto__'/],
  ['a required property that is not allowed', { ...schema, required: ['country'] }, /'country' is not allowed/],
  ['a const that is not in the enum', { ...schema, properties: { city: { enum: ['Oslo'], const: 'Bergen' }, people: {} } }, /'enum' or 'const'/],
  ['a property that would have to hold its like', { ...schema, properties: { city: { $ref: '#' }, people: {} } }, /hold itself/],
]; // prettier-ignore
for (const [what, hopeless, reason] of HOPELESS) {
  test(`${what}: refused before the model is asked, whole and streamed`, async () => {
    for (const stream of [false, true]) {
      const response_format = { type: 'json_schema', json_schema: { name: 'x', schema: hopeless } };
      const response = await gateway.post(wanted({ response_format, stream }));
      const { error } = (await response.json()) as { error: { code: string; message: string; param: string } };
      assert.deepEqual([response.status, error.code], [400, 'invalid_json_schema']);
      assert.match(error.message, reason);
      assert.match(error.param, /^response_format\.json_schema\.schema/);
    }
    assert.equal(gateway.api.requests.length, 0);
  });
}

test('json_object: the model is asked for it behind the system text, and any object is right', async () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Which city?' },
  ];
  const { content } = await whole({ response_format: AS_OBJECT, messages }, text('{"any":["thing"]}'));
  assert.equal(content, '{"any":["thing"]}');
  // Without an API key the system texts are one block.
  const system = systemTexts(gateway.api.last.body).join('\n\n');
  assert.match(system, /^Be brief\.\n\n[^\n]*exactly one JSON object/);
  assert.equal(gateway.api.last.body['output_config'], undefined);
  const mended = await whole({ response_format: AS_OBJECT }, text('[1]'), text('{}'));
  assert.equal(mended.content, '{}');
  assert.equal(gateway.api.requests.length, 3);
});

test('the next turn of the conversation, without a format, shows nothing of it', async () => {
  await whole({}, text('no JSON'), text(OSLO));
  gateway.api.respondOnce(text('You are welcome.'));
  await gateway.client().chat.completions.create({
    ...ask('x'),
    messages: [
      { role: 'user', content: 'Which city?' },
      { role: 'assistant', content: OSLO },
      { role: 'user', content: 'Thanks.' },
    ],
  });
  const { body, raw } = gateway.api.last;
  assert.deepEqual(spokenMessages(body), [['user', 'Which city?'], ['assistant', OSLO], ['user', 'Thanks.']]); // prettier-ignore
  assert.equal(raw.includes('json_schema') || raw.includes('cannot be used'), false);
});

test('a turn that calls tools is handed on with its prose; the answer after the result is JSON', async () => {
  const tools = [{ type: 'function', function: { name: 'people_of', parameters: { type: 'object' } } }];
  const calling = ({ body }: RecordedRequest): ScriptedReply => ({
    kind: 'message',
    content: [
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: { city: 'Oslo' }, id: 'toolu_1' },
    ],
  });
  gateway.api.respond(calling);
  const asked = await gateway.post(wanted({ tools }));
  const { choices } = (await asked.json()) as ChatCompletion;
  assert.equal(choices[0]?.finish_reason, 'tool_calls');
  assert.equal(choices[0].message.content, 'Let me look.');
  assert.deepEqual(choices[0].message.tool_calls?.map((call) => call.type === 'function' && call.function), [{ name: 'people_of', arguments: '{"city":"Oslo"}' }]); // prettier-ignore
  const { content, raw } = await streamed({ tools });
  assert.equal(content, 'Let me look.');
  assert.match(raw, /"finish_reason":"tool_calls"/);
  assert.equal(gateway.api.requests.length, 2);
  const messages = [
    { role: 'user', content: 'Which city?' },
    choices[0].message,
    { role: 'tool', tool_call_id: 'toolu_1', content: '700000' },
  ];
  const answer = await whole({ tools, messages }, text('About 700,000.'), text(OSLO));
  assert.equal(answer.content, OSLO);
  assert.deepEqual(gateway.api.last.body['tool_choice'], { type: 'none' }, 'a repair calls no tools');
  assert.ok(gateway.api.requests.every(({ body }) => body['output_config']));
});

test('each of several choices is held to the format by itself', async () => {
  gateway.api.respond(({ raw, index }) => text(raw.includes('cannot be used') || index > 0 ? OSLO : 'no JSON'));
  const { body } = await whole({ n: 3 });
  assert.deepEqual(
    body.choices.map(({ message }) => message.content),
    [OSLO, OSLO, OSLO],
  );
  assert.equal(gateway.api.requests.length, 4);
  assert.equal(body.usage?.completion_tokens, 4 * 7);
});

test('an answer that was cut off is handed out as it is, with length', async () => {
  const cut = text('{"city":"Os', { stopReason: 'max_tokens' });
  const { choice } = await whole({ max_tokens: 5 }, cut);
  assert.deepEqual([choice?.message.content, choice?.finish_reason], ['{"city":"Os', 'length']);
  const { content, raw, isDone } = await streamed({ max_tokens: 5 }, cut);
  assert.deepEqual([content, isDone], ['{"city":"Os', true]);
  assert.match(raw, /"finish_reason":"length"/);
  assert.ok(gateway.api.requests.every((request) => !request.raw.includes('cannot be used')));
});

test('a refusal of the model is a refusal', async () => {
  const { choice } = await whole({}, text('I would rather', { stopReason: 'refusal' }));
  assert.equal(choice?.finish_reason, 'content_filter');
  assert.match(choice?.message.refusal ?? '', /declined/);
  assert.equal(choice?.message.content, null);
});

test('a schema that the API refuses is asked for in words instead, and from then on at once', async () => {
  const refusal = failure(400, { message: 'output_config.format.schema: Schema is too complex for compilation.' });
  const other = { ...schema, title: 'refused' };
  const format = { response_format: { type: 'json_schema', json_schema: { name: 'city', schema: other } } };
  assert.equal((await whole(format, refusal, text(OSLO))).content, OSLO);
  assert.match(systemTexts(gateway.api.last.body)[0] ?? '', /"people"/);
  assert.equal(gateway.api.requests.length, 2);
  assert.equal((await streamed(format, text(OSLO))).content, OSLO);
  assert.equal(gateway.api.requests.length, 3);
  assert.equal(gateway.api.last.body['output_config'], undefined);
});

test('the effort and the format reach the model together', async () => {
  await whole({ model: 'sonnet', reasoning_effort: 'low' }, text(OSLO));
  const { effort, format } = gateway.api.last.body['output_config'] as { effort: string; format: { type: string } };
  assert.deepEqual([effort, format.type], ['low', 'json_schema']);
});

test('a client that leaves while an answer is being mended ends the second request', async () => {
  gateway.api.respondOnce(text('no JSON'), { kind: 'hang' });
  const leaving = new AbortController();
  const request = gateway.post(wanted(), { signal: leaving.signal });
  await gateway.api.until(({ requests }) => requests.length === 2);
  leaving.abort();
  await assert.rejects(request, { name: 'AbortError' });
  await gateway.api.until(({ requests }) => requests[1]?.outcome === 'cancelled');
});
