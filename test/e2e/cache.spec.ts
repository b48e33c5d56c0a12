// Guarantee: with the cache on, the model is asked once for what was asked before or is being asked, and only for that.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { failure, text } from '../support/scripted-messages-api.ts';
import { authKeys, keyOf } from '../support/tenants.ts';
import { waitFor } from '../support/wait-for.ts';

const settings = {
  CACHE__ENABLED: 'true',
  CACHE__MAX_ENTRIES: '20',
  AUTH__KEYS: authKeys(2),
  CLAUDE__MAX_CONCURRENT_SESSIONS: '3',
  PROCESS_POOL__SIZE: '3',
  PROCESS_POOL__MAX_IDLE: '3',
  // So few may wait that a hundred requests are only served when they share.
  PROCESS_POOL__QUEUE_SIZE: '2',
};
let gateway: Gateway;
let questions = 0;
/** What nobody has asked yet. */
const question = (): string => `question ${(questions += 1)}`;

beforeAll(async () => {
  gateway = await Gateway.start({ settings });
});
afterAll(async () => {
  assert.equal(await gateway.stop(), 0);
});
beforeEach(() => gateway.api.reset());

interface Answer {
  readonly status: number;
  readonly cache: string | null;
  readonly raw: string;
}
async function post(body: object, headers: Record<string, string> = {}, tenant = 0): Promise<Answer> {
  const response = await gateway.post(body, { headers: { 'x-api-key': keyOf(tenant), ...headers } });
  return { status: response.status, cache: response.headers.get('x-cache'), raw: await response.text() };
}
interface CacheFigures {
  readonly shared: number;
  readonly saved_cost_usd: number;
  readonly saved_tokens: object;
}
async function cacheFigures(): Promise<CacheFigures> {
  const response = await fetch(`${gateway.url}/stats`, { headers: { 'x-api-key': keyOf(0) } });
  return ((await response.json()) as { cache: CacheFigures }).cache;
}
const chunksOf = (raw: string): ChatCompletionChunk[] =>
  raw
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as ChatCompletionChunk);
const textOf = (raw: string): string => chunksOf(raw).map(({ choices }) => choices[0]?.delta.content ?? '').join(''); // prettier-ignore

test('a hundred equal streams at once make one request upstream, and each gets the whole answer with an id of its own', async () => {
  const whole = Array.from({ length: 30 }, (_value, index) => `word ${index} `).join('');
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  gateway.api.respond(async () => {
    await begun;
    return text(whole, { deltaDelayMs: 5 });
  });
  const body = ask(question(), { stream: true, stream_options: { include_usage: true } });
  const sharedBefore = (await cacheFigures()).shared;
  const early = Array.from({ length: 60 }, () => post(body));
  await waitFor('them to share it', async () => (await cacheFigures()).shared === sharedBefore + 59);
  begin();
  // The others come while it is being told.
  const late = Array.from({ length: 40 }, () => post(body));
  const answers = await Promise.all([...early, ...late]);
  assert.equal(gateway.api.requests.length, 1);
  assert.equal(new Set(answers.map(({ raw }) => chunksOf(raw)[0]?.id)).size, 100);
  for (const { status, raw, cache } of answers) {
    assert.equal(status, 200);
    assert.match(cache ?? '', /^(miss|shared|hit)$/);
    assert.equal(textOf(raw), whole);
    const chunks = chunksOf(raw);
    assert.equal(chunks[0]?.choices[0]?.delta.role, 'assistant');
    assert.deepEqual([chunks.at(-1)?.choices, chunks.at(-1)?.usage?.total_tokens], [[], 26]);
    assert.ok(raw.endsWith('data: [DONE]\n\n'));
  }
  assert.equal(answers.filter(({ cache }) => cache === 'miss').length, 1);
});

test('a hit is a whole stream or a whole answer, says so, and is not counted as spent', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const body = ask(question());
  const first = await post({ ...body, stream: true });
  const before = await cacheFigures();
  const again = await post({ ...body, stream: true });
  const whole = await post(body);
  assert.deepEqual([first.cache, again.cache, whole.cache], ['miss', 'hit', 'hit']);
  assert.deepEqual(
    chunksOf(again.raw).map(({ choices }) => choices[0]?.delta.content),
    ['', 'one ', 'two ', 'thre', 'e', undefined],
  );
  const completion = JSON.parse(whole.raw) as ChatCompletion;
  assertMatchesSchema('CreateChatCompletionResponse', completion);
  assert.deepEqual([completion.choices[0]?.message.content, completion.usage?.total_tokens], ['one two three', 26]);
  assert.equal(gateway.api.requests.length, 1);
  assert.ok((await cacheFigures()).saved_cost_usd > before.saved_cost_usd);
  await waitFor('the access line', () => gateway.output.includes('"tier":"cache"'));
  const line = gateway.output.split('\n').find((entry) => entry.includes('"tier":"cache"'));
  const { promptTokens, completionTokens, costUsd } = JSON.parse(line ?? '') as Record<string, number>;
  assert.deepEqual([promptTokens, completionTokens, costUsd], [0, 0, 0]);
});

test('another temperature, model, tool or key is another request', async () => {
  const tool = { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } };
  const asked = question();
  const bodies = [ask(asked), ask(asked, { temperature: 0.3 }), ask(asked, { tools: [tool] }), ask(asked, { model: 'sonnet' })]; // prettier-ignore
  for (const expected of ['miss', 'hit']) {
    for (const body of bodies)
      for (const tenant of [0, 1]) assert.equal((await post(body, {}, tenant)).cache, expected, JSON.stringify(body));
  }
  assert.equal(gateway.api.requests.length, 2 * bodies.length);
});

test('no-cache asks the model and leaves its answer to others, no-store leaves nothing', async () => {
  const body = ask(question());
  const replies = ['first', 'second', 'third'];
  gateway.api.respond(() => text(replies.shift() ?? 'none'));
  assert.equal((await post(body, { 'cache-control': 'no-store' })).cache, 'bypass');
  assert.deepEqual([(await post(body)).cache, (await post(body)).cache], ['miss', 'hit']);
  const fresh = await post(body, { 'cache-control': 'no-cache' });
  assert.deepEqual([fresh.cache, /third/.test(fresh.raw)], ['bypass', true]);
  assert.match((await post(body)).raw, /third/);
  assert.equal(gateway.api.requests.length, 3);
});

test('an error, a refusal and an answer that was cut off are never served again', async () => {
  const bad = [
    failure(400),
    text('half of it', { fault: { afterDeltas: 1, kind: 'error-event' } }),
    text('I would rather', { stopReason: 'refusal' }),
    text('too long', { stopReason: 'max_tokens' }),
  ];
  for (const reply of bad) {
    for (const stream of [false, true]) {
      const body = ask(question(), { stream });
      gateway.api.respond(reply);
      assert.equal((await post(body)).cache, 'miss');
      gateway.api.respond(text('whole'));
      const second = await post(body);
      assert.deepEqual([second.cache, second.raw.includes('whole')], ['miss', true], JSON.stringify(reply));
      assert.equal((await post(body)).cache, 'hit');
    }
  }
});

test('an answer whose only client leaves is cancelled upstream and never served; with others it goes on', async () => {
  gateway.api.respond(text('a long answer in many pieces', { deltaLength: 2, deltaDelayMs: 60 }));
  const body = ask(question(), { stream: true });
  const init = (client: AbortController): RequestInit => ({
    headers: { 'x-api-key': keyOf(0) },
    signal: client.signal,
  });
  const alone = new AbortController();
  await gateway.post(body, init(alone));
  alone.abort();
  await waitFor('the request to be cancelled', () => gateway.api.last.outcome === 'cancelled');
  const leaving = new AbortController();
  const first = await gateway.post(body, init(leaving));
  assert.equal(first.headers.get('x-cache'), 'miss');
  const sharedBefore = (await cacheFigures()).shared;
  const second = post(body);
  await waitFor('the second to share it', async () => (await cacheFigures()).shared === sharedBefore + 1);
  leaving.abort();
  const { cache, raw } = await second;
  assert.deepEqual([cache, textOf(raw)], ['shared', 'a long answer in many pieces']);
  assert.equal((await post(body)).cache, 'hit');
  assert.equal(gateway.api.requests.length, 2);
});

test('a shared failure reaches all who share it, and the next one asks again', async () => {
  let fail: () => void = () => undefined;
  const failing = new Promise<void>((resolve) => (fail = resolve));
  gateway.api.respond(async () => {
    await failing;
    return failure(400, { message: 'no such luck' });
  });
  const body = ask(question());
  const sharedBefore = (await cacheFigures()).shared;
  const answers = [post(body), post(body), post(body)];
  await waitFor('them to share it', async () => (await cacheFigures()).shared === sharedBefore + 2);
  fail();
  for (const { status, raw } of await Promise.all(answers)) assert.ok(status === 400 && raw.includes('no such luck'), raw);
  assert.equal(gateway.api.requests.length, 1);
  gateway.api.respond(text('well'));
  assert.equal((await post(body)).cache, 'miss');
}); // prettier-ignore

test('the oldest answers go when there are too many', async () => {
  gateway.api.respond(text('kept'));
  const first = ask(question());
  await post(first);
  for (let index = 0; index < 20; index += 1) await post(ask(question()));
  assert.equal((await post(first)).cache, 'miss');
});

test('an answer is served for its time only', async () => {
  const brief = await Gateway.start({
    settings: { CACHE__ENABLED: 'true', CACHE__TTL_SECONDS: '2' },
    api: gateway.api,
  });
  gateway.api.respond(text('brief'));
  const body = ask(question());
  const cacheOf = async (): Promise<string | null> => {
    const response = await brief.post(body);
    await response.text();
    return response.headers.get('x-cache');
  };
  assert.equal(await cacheOf(), 'miss');
  assert.equal(await cacheOf(), 'hit');
  await waitFor('its time to be over', async () => (await cacheOf()) === 'miss');
  assert.equal(gateway.api.requests.length, 2);
  assert.equal(await brief.stop(), 0);
});
