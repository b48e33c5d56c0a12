// Guarantee: a turn is exactly one request of the model, and ends where the answer ends, whatever the CLI would do next.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ClaudeSession } from '../../src/claude-cli/session/claude-session.ts';
import { CliBench, finishOf, run, textOf, turnOf } from '../support/cli-session.ts';
import { failure, text, type ScriptedReply } from '../support/scripted-messages-api.ts';
import { WEATHER_NAME, weather } from '../support/weather-tool.ts';

let bench: CliBench;
let session: ClaudeSession;
beforeAll(async () => {
  bench = await CliBench.start();
  session = bench.session();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

test('parallel calls are handed out as they stream, after one request', async () => {
  bench.api.respond({
    kind: 'message',
    content: [
      { type: 'text', text: 'let me see' },
      { type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: { city: 'Paris' } },
      { type: 'tool_use', id: 'toolu_2', name: WEATHER_NAME, input: { city: 'Rome' } },
    ],
  });
  const events = await run(session, turnOf(['weather?'], { tools: [weather] }));
  assert.equal(textOf(events), 'let me see');
  const starts = events.filter((event) => event.type === 'tool-call-start');
  assert.deepEqual(
    starts.map(({ index, id, name }) => [index, id, name]),
    [
      [0, 'toolu_1', 'get_weather'],
      [1, 'toolu_2', 'get_weather'],
    ],
  );
  const json = events
    .map((event) => (event.type === 'tool-call-delta' && event.index === 1 ? event.json : ''))
    .join('');
  assert.deepEqual(JSON.parse(json), { city: 'Rome' });
  const finish = events.at(-1);
  assert.ok(finish?.type === 'finish' && finish.reason === 'tool-calls' && finish.usage.outputTokens === 7);
  assert.equal(bench.api.requests.length, 1);
  assert.equal(session.held.length, 0);
});

test('calls and their results are replayed as the blocks they were', async () => {
  bench.api.respond(text('sunny'));
  const call = { type: 'tool_use' as const, id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } };
  await run(session, {
    ...turnOf(['x'], { tools: [weather] }),
    history: [
      { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'let me see' }, call] },
    ],
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun' }] },
  });
  const [, assistant, result] = bench.api.last.body.messages;
  assert.deepEqual(assistant?.content, [
    { type: 'text', text: 'let me see' },
    { ...call, name: WEATHER_NAME },
  ]);
  assert.ok(JSON.stringify(result?.content).includes('"tool_use_id":"toolu_1"'));
});

const ENDINGS: [string, ScriptedReply, string, string][] = [
  ['the output limit', text('cut here', { stopReason: 'max_tokens' }), 'length', 'cut here'],
  ['a refusal', text('I cannot', { stopReason: 'refusal' }), 'refusal', 'I cannot'],
  ['an empty answer', text(''), 'stop', ''],
  ['a stop sequence', text('up to', { stopReason: 'stop_sequence', stopSequence: 'END' }), 'stop', 'up to'],
];
for (const [what, reply, reason, content] of ENDINGS) {
  test(`${what} ends the turn, and what the CLI would ask next never counts`, async () => {
    bench.api.respond((request) => (request.index === 0 ? reply : text('CONTINUATION', { firstDelayMs: 500 })));
    const events = await run(session, turnOf(['x']));
    const finish = events.at(-1);
    assert.ok(finish?.type === 'finish');
    assert.equal(finish.reason, reason);
    assert.equal(textOf(events), content);
    assert.equal(finish.usage.outputTokens, 7);
    assert.equal(session.held.length, what === 'a stop sequence' ? 2 : 0);
    await bench.api.until((api) => api.requests.every(({ outcome }) => outcome !== 'open'));
    // A request that was already under way when the turn was ended is cancelled before it is answered.
    assert.ok(bench.api.requests.slice(1).every(({ outcome }) => outcome === 'cancelled'));
    // The CLI can be told not to ask after a refusal; after the others it is interrupted.
    if (what === 'a refusal' || what === 'a stop sequence') assert.equal(bench.api.requests.length, 1);
  });
}

const FAILURES: [string, ScriptedReply, object][] = [
  ['401', failure(401), { code: 'upstream', status: 401 }],
  ['400', failure(400, { message: 'what is wrong' }), { code: 'upstream', status: 400, detail: 'what is wrong' }],
  ['429', failure(429), { code: 'upstream', status: 429 }],
  ['500', failure(500), { code: 'upstream', status: 500 }],
  [
    'a prompt that is too long',
    failure(400, { message: 'prompt is too long: 3 tokens > 2 maximum' }),
    { isPromptTooLong: true },
  ],
];
for (const [what, reply, error] of FAILURES) {
  test(`${what} fails the turn with what the API said, and the process serves on`, async () => {
    bench.api.respond(reply);
    await assert.rejects(run(session, turnOf(['x'])), error);
    bench.api.respond(text('fine'));
    assert.equal(textOf(await run(session, turnOf(['y']))), 'fine');
  });
}

test('a history that is too long is never summarised behind the client’s back', async () => {
  bench.api.respond(failure(400, { message: 'prompt is too long: 250000 tokens > 200000 maximum' }));
  const texts = Array.from({ length: 21 }, (_value, index) => `text ${index}`);
  await assert.rejects(run(session, turnOf(texts)), { isPromptTooLong: true });
  assert.equal(bench.api.requests.length, 1);
});

test('thinking is told apart from the answer, and kept with its signature', async () => {
  bench.api.respond({
    kind: 'message',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'text', text: 'so' },
    ],
  });
  const events = await run(session, turnOf(['x']));
  assert.deepEqual(
    events.filter(({ type }) => type === 'reasoning-delta'),
    [{ type: 'reasoning-delta', text: 'hm' }],
  );
  assert.equal(textOf(events), 'so');
  const finish = await finishOf(session, turnOf(['x']));
  assert.deepEqual(finish.content[0], { type: 'thinking', thinking: 'hm', signature: 'sig' });
});

test('an id that is another with an underscore and digits behind it costs one of their results, and any other does not', async () => {
  bench.api.respond(text('sunny'));
  const use = (id: string): { type: 'tool_use'; id: string; name: string; input: object } => ({
    type: 'tool_use',
    id,
    name: weather.name,
    input: {},
  });
  for (const [first, second, isLost] of [
    ['a', 'a_2', true],
    ['a_2', 'a', true],
    ['a', 'a-2', false],
    ['a_1', 'a_2', false],
  ] as const) {
    bench.api.reset();
    await run(session, {
      ...turnOf(['x']),
      tools: [weather],
      history: [
        { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
        { role: 'assistant', content: [use(first)] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: first, content: 'sun' }] },
        { role: 'assistant', content: [use(second)] },
      ],
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: second, content: 'rain' }] },
    });
    const isComplete = ['sun', 'rain'].every((result) => bench.api.last.raw.includes(`"${result}"`));
    assert.equal(isComplete, !isLost, `${first} and ${second}`);
  }
});
