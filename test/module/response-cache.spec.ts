// Guarantee: with the cache on, an answer is given again only to whom it belongs, as an answer of its own, and every answer
// says how it was had; with the cache off nothing is.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, jest, test } from '@jest/globals';
import { concat, of, NEVER, Subject, throwError } from 'rxjs';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL, TURNS } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { UpstreamError } from '../../src/claude-cli/errors.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import type { Stats } from '../../src/stats/stats.service.ts';
import { SchemaChecker } from '../../src/answers/structured/schema-checker.ts';

let service: TestApplication;
const start = async (settings: Record<string, string> = {}): Promise<void> => {
  service = await TestApplication.start({ CACHE__ENABLED: 'true', ...settings });
};
afterEach(async () => {
  jest.restoreAllMocks();
  await service.stop();
});

const ask = (more: object = {}): object => ({
  model: 'sonnet',
  messages: [{ role: 'user', content: 'hello' }],
  ...more,
});
const text = (piece: string): TurnEvent => ({ type: 'text-delta', text: piece });
const says = (...pieces: string[]): TurnEvent[] => [
  { type: 'start', model: MODEL },
  ...pieces.map(text),
  finish('stop', { costUsd: 0.25 }),
];

interface Answer {
  readonly status: number;
  readonly cache: string | null;
  readonly cost: string | null;
  readonly id: string | undefined;
  readonly raw: string;
}
async function post(body: object, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await service.post(body, { headers });
  const raw = await response.text();
  return {
    status: response.status,
    cache: response.headers.get('x-cache'),
    cost: response.headers.get('x-claude-code-cost-usd'),
    id: /chatcmpl-[A-Za-z0-9]{29}/.exec(raw)?.[0],
    raw,
  };
}
const stats = async (): Promise<Stats> => (await (await service.get('/stats')).json()) as Stats;
/** What an answer says, without what is its own. */
const content = ({ raw }: Answer): string =>
  raw.replaceAll(/"id":"chatcmpl-\w+"|"created":\d+|"conversation_id":"\w+"|"cost_usd":[\d.]+/g, '');

test('without the setting nothing is cached and nothing is said of it', async () => {
  await start({ CACHE__ENABLED: 'false' });
  service.pool.answer = of(...says('one'));
  for (let time = 1; time <= 2; time += 1) assert.equal((await post(ask())).cache, null);
  assert.equal(service.pool.turns.length, 2);
  assert.equal((await stats()).cache.enabled, false);
});

test('a whole answer is given again with an id of its own, the usage of the first and no cost', async () => {
  await start();
  service.pool.answer = of(...says('one ', 'two'));
  const first = await post(ask());
  const second = await post(ask());
  assert.deepEqual([first.cache, second.cache], ['miss', 'hit']);
  assert.deepEqual([first.cost, second.cost], ['0.250000', '0.000000']);
  assert.equal(content(first), content(second));
  assert.notEqual(first.id, second.id);
  assertMatchesSchema('CreateChatCompletionResponse', JSON.parse(second.raw));
  assert.equal(service.pool.turns.length, 1);
});

test('a stream fills the cache and is served from it, as whole answers are', async () => {
  await start();
  service.pool.answer = of(...says('one ', 'two'));
  const streamed = ask({ stream: true, stream_options: { include_usage: true } });
  const first = await post(streamed);
  const again = await post(streamed);
  assert.deepEqual([first.cache, again.cache, again.cost], ['miss', 'hit', '0.000000']);
  assert.equal(content(first), content(again));
  assert.ok(first.raw.includes('"cost_usd":0.25}') && again.raw.includes('"cost_usd":0}'));
  assert.equal(again.raw.match(/^data: /gm)?.length, 6, 'role, two pieces, end, usage, [DONE]');
  const whole = await post(ask());
  assert.equal(whole.cache, 'hit');
  assert.match(whole.raw, /"content":"one two"/);
  service.pool.answer = of(...says('three'));
  assert.equal((await post(ask({ seed: 2 }))).cache, 'miss');
  const other = await post(ask({ seed: 2, stream: true }));
  assert.equal(other.cache, 'hit');
  assert.ok(!other.raw.includes('"usage"'));
});

test('what is written otherwise but means the same shares an answer', async () => {
  await start();
  service.pool.answer = of(...says('one'));
  await post(ask({ temperature: 0.5, stop: 'x', user: 'a' }));
  const request = service.url + '/v1/chat/completions';
  const body = `{ "stop": ["x"], "temperature": 5e-1, "messages": [{"content": [{"text": "h\\u0065llo", "type": "text"}],
    "role": "user"}], "model": "claude-sonnet-4-5", "n": 1, "seed": null, "store": false }`;
  const response = await fetch(request, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  assert.equal(response.headers.get('x-cache'), 'hit');
});

test('what changes the answer is another request', async () => {
  await start();
  service.pool.answer = of(...says('one'));
  const tool = { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } };
  const others = [
    {}, { temperature: 0.1 }, { model: 'claude-haiku-4-5' }, { tools: [tool] }, { tools: [tool], tool_choice: 'required' },
    { max_tokens: 5 }, { stop: 'x' }, { seed: 1 }, { n: 2 }, { messages: [{ role: 'user', content: 'hello ' }] },
    { messages: [{ role: 'system', content: 'hello' }, { role: 'user', content: 'hello' }] },
  ]; // prettier-ignore
  for (const other of others) assert.equal((await post(ask(other))).cache, 'miss', JSON.stringify(other));
  for (const other of others) assert.equal((await post(ask(other))).cache, 'hit', JSON.stringify(other));
});

test('several choices are given again together', async () => {
  await start();
  service.pool.answer = of(...says('one'));
  const first = await post(ask({ n: 3 }));
  const second = await post(ask({ n: 3 }));
  assert.deepEqual([first.cache, second.cache, content(second)], ['miss', 'hit', content(first)]);
  assert.equal(service.pool.turns.length, 3);
});

test('no-cache gets a new answer and leaves it for others, no-store leaves nothing', async () => {
  await start();
  service.pool.answer = of(...says('one'));
  assert.equal((await post(ask(), { 'cache-control': 'no-store' })).cache, 'bypass');
  assert.equal((await post(ask())).cache, 'miss');
  service.pool.answer = of(...says('two'));
  const fresh = await post(ask({ stream: true }), { 'cache-control': 'no-cache' });
  assert.deepEqual([fresh.cache, fresh.raw.includes('two')], ['bypass', true]);
  assert.match((await post(ask())).raw, /two/);
});

for (const stream of [false, true]) {
  test(`equal ${stream ? 'streams' : 'whole requests'} at the same moment share one answer, and each has an id of its own`, async () => {
    await start();
    const turn = new Subject<TurnEvent>();
    service.pool.answer = turn;
    const first = post(ask({ stream }));
    await waitFor('the turn', () => turn.observed);
    const others = [1, 2, 3].map(() => post(ask({ stream })));
    await waitFor('the others to share it', async () => (await stats()).cache.shared === 3);
    for (const event of says('one ', 'two')) turn.next(event);
    turn.complete();
    const answers = await Promise.all([first, ...others]);
    assert.deepEqual(
      answers.map(({ cache }) => cache),
      ['miss', 'shared', 'shared', 'shared'],
    );
    assert.equal(new Set(answers.map(({ id }) => id)).size, 4);
    for (const { raw } of answers) assert.match(raw, /one [^]*two/);
    if (!stream) assert.deepEqual([answers[0]?.cost, answers[3]?.cost], ['0.250000', '0.000000']);
    assert.equal(service.pool.turns.length, 1);
  });
}

test('a stream does not wait for a whole answer, which may be begun again; what either leaves is there for both', async () => {
  await start();
  const turn = new Subject<TurnEvent>();
  service.pool.answer = turn;
  const whole = post(ask());
  await waitFor('the turn', () => turn.observed);
  service.pool.answer = of(...says('streamed'));
  const streamed = await post(ask({ stream: true }));
  assert.deepEqual([streamed.cache, streamed.raw.includes('streamed')], ['miss', true]);
  for (const event of says('whole')) turn.next(event);
  turn.complete();
  assert.deepEqual([(await whole).cache, (await whole).raw.includes('whole')], ['miss', true]);
  assert.equal((await post(ask({ stream: true }))).cache, 'hit');
});

test('a client that leaves does not end a shared answer for the others, the last one does', async () => {
  await start();
  const turn = new Subject<TurnEvent>();
  service.pool.answer = turn;
  const clients = [new AbortController(), new AbortController()];
  const requests = [];
  for (const client of clients) {
    requests.push(service.post(ask({ stream: true }), { signal: client.signal }));
    await waitFor('it to be served', async () => (await stats()).requests_in_flight === requests.length);
    await waitFor('the turn', () => turn.observed);
  }
  turn.next(text('one '));
  const responses = await Promise.all(requests);
  clients[0]!.abort();
  await waitFor('it to leave', async () => (await stats()).requests_in_flight === 1);
  assert.equal(service.pool.running, 1);
  turn.next(text('two'));
  const reader = responses[1]!.body!.pipeThrough(new TextDecoderStream()).getReader();
  let raw = '';
  while (!raw.includes('two')) raw += (await reader.read()).value;
  clients[1]!.abort();
  await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  service.pool.answer = of(...says('three'));
  assert.equal((await post(ask())).cache, 'miss');
});

test('errors, refusals, cut and cancelled answers are never served again', async () => {
  await start();
  const failure = throwError(() => new UpstreamError(529, 'overloaded'));
  const bad = [failure, concat(of(text('half')), failure), of(...TURNS['cut off']), of(...TURNS.refusal)];
  for (const answer of bad) {
    service.pool.answer = answer;
    for (const stream of [false, true]) assert.equal((await post(ask({ stream }))).cache, 'miss');
  }
  service.pool.answer = concat(of(text('half')), NEVER);
  const client = new AbortController();
  const left = await service.post(ask({ stream: true }), { signal: client.signal });
  assert.equal(left.headers.get('x-cache'), 'miss');
  client.abort();
  await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  service.pool.answer = of(...says('whole'));
  assert.equal((await post(ask())).cache, 'miss');
  assert.match((await post(ask())).raw, /whole/);
  assert.equal((await stats()).cache.stored, 1);
});

test('keys never share an answer', async () => {
  const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
  const keys = ['alice', 'bob'].map((name) => ({ name, sha256: sha256(name) }));
  await start({ AUTH__KEYS: JSON.stringify(keys) });
  service.pool.answer = of(...says('for alice'));
  assert.equal((await post(ask(), { 'x-api-key': 'alice' })).cache, 'miss');
  service.pool.answer = of(...says('for bob'));
  const bobs = await post(ask(), { 'x-api-key': 'bob' });
  assert.deepEqual([bobs.cache, bobs.raw.includes('for bob')], ['miss', true]);
  assert.match((await post(ask(), { 'x-api-key': 'alice' })).raw, /for alice/);
  service.pool.answer = NEVER;
});

test('what the cache gave is counted as saved, not as spent', async () => {
  await start();
  service.pool.answer = of(...says('one'));
  await post(ask());
  for (let time = 0; time < 3; time += 1) await post(ask());
  await waitFor('all to be counted', async () => (await stats()).since_start.by_model[MODEL]?.['stop'] === 4);
  const { since_start: since, cache } = await stats();
  assert.deepEqual([since.cost_usd, since.tokens.prompt, since.latency_ms.first_token.count], [0.25, 19, 1]);
  assert.deepEqual(
    [cache.hits, cache.misses, cache.saved_cost_usd, cache.saved_tokens],
    [3, 1, 0.75, { prompt: 57, completion: 21 }],
  );
  assert.ok(cache.entries === 1 && cache.bytes > 100);
});

test('a repeated loop of calls is given again as a whole, each time with other ids', async () => {
  await start();
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }];
  const ids = new Set<string>();
  for (const expected of ['miss', 'hit', 'hit']) {
    service.pool.answer = of(...TURNS['one call']);
    const call = await post(ask({ tools }));
    const { choices } = JSON.parse(call.raw) as { choices: { message: { tool_calls: { id: string }[] } }[] };
    const message = choices[0]!.message;
    ids.add(message.tool_calls[0]!.id);
    service.pool.answer = of(...says('rain'));
    const result = { role: 'tool', tool_call_id: message.tool_calls[0]!.id, content: 'rain' };
    const end = await post(ask({ tools, messages: [{ role: 'user', content: 'hello' }, message, result] }));
    assert.deepEqual([call.cache, end.cache], [expected, expected]);
  }
  assert.equal(ids.size, 3);
});

test('a body that comes again is understood once, unless nothing of it may be kept or a conversation is named', async () => {
  await start();
  /** Whether the model is asked twice for the very same turn. */
  const isSameTurn = async (body: object, control: string): Promise<boolean> => {
    service.pool.turns.length = 0;
    for (let time = 0; time < 2; time += 1) {
      service.pool.answer = of(...says('one'));
      assert.equal((await post(body, { 'cache-control': control })).status, 200);
    }
    const [first, second] = service.pool.turns;
    assert.ok(first && second);
    return first === second;
  };
  assert.equal(await isSameTurn(ask({ seed: 1 }), 'no-cache'), true);
  assert.equal(await isSameTurn(ask({ seed: 2 }), 'no-store'), false);
  service.pool.answer = of(...says('one'));
  const id = /"conversation_id":"(\w+)"/.exec((await post(ask({ seed: 3 }))).raw)?.[1];
  assert.equal(await isSameTurn(ask({ conversation_id: id }), 'no-cache'), false);
});

test('an answer in a format is given again without the thread that checks schemas, whole and streamed', async () => {
  await start();
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  };
  const body = ask({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } });
  service.pool.answer = of(...says('{"a":1}'));
  assert.equal((await post(body)).cache, 'miss');
  const prepare = jest
    .spyOn(SchemaChecker.prototype, 'prepare')
    .mockImplementation(() => new Promise<void>(() => undefined));
  const check = jest
    .spyOn(SchemaChecker.prototype, 'check')
    .mockImplementation(() => new Promise<undefined>(() => undefined));
  // The same bytes, and other bytes that mean the same.
  for (const again of [body, { ...body, user: 'u' }]) {
    for (const stream of [false, true]) {
      const answer = await post(stream ? { ...again, stream } : again);
      assert.deepEqual([answer.status, answer.cache], [200, 'hit']);
      assert.match(answer.raw, /\{\\"a\\":1\}/);
    }
  }
  assert.deepEqual([prepare.mock.calls.length, check.mock.calls.length], [0, 0]);
  const leaving = new AbortController();
  const waiting = service.post({ ...body, seed: 1 }, { signal: leaving.signal });
  await waitFor('the thread to be asked', () => prepare.mock.calls.length === 1);
  assert.equal(service.pool.turns.length, 1);
  leaving.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
});
