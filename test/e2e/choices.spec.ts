// Guarantee: a request for several choices gets each of them, whole or streamed, from a pool of any size.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { failure, text } from '../support/scripted-messages-api.ts';

const SMALLEST = {
  CLAUDE__MAX_CONCURRENT_SESSIONS: '1',
  PROCESS_POOL__SIZE: '1',
  PROCESS_POOL__MIN_IDLE: '1',
  PROCESS_POOL__MAX_IDLE: '1',
  PROCESS_POOL__QUEUE_SIZE: '1',
};
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: SMALLEST });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ index }) => text(`answer ${index}`, { deltaLength: 3 }));
});

test('five choices on one process: five answers to the same request, their usage and cost summed', async () => {
  const response = await gateway.post(ask('hello', { n: 5 }));
  const completion = (await response.json()) as ChatCompletion;
  assertMatchesSchema('CreateChatCompletionResponse', completion);
  assert.deepEqual(
    completion.choices.map(({ index, message }) => [index, message.content]),
    Array.from({ length: 5 }, (_value, index) => [index, `answer ${index}`]),
  );
  assert.deepEqual([completion.usage?.prompt_tokens, completion.usage?.completion_tokens], [5 * 19, 5 * 7]);
  assert.equal(gateway.api.requests.length, 5);
  assert.equal(new Set(gateway.api.requests.map(({ raw }) => raw)).size, 1, 'all asked the same');
  const single = await gateway.post(ask('hello'));
  await single.text();
  const cost = Number(single.headers.get('x-claude-code-cost-usd'));
  assert.ok(cost > 0);
  assert.ok(Math.abs(Number(response.headers.get('x-claude-code-cost-usd')) - 5 * cost) < 1e-5);
});

test('five choices streamed: each has its own pieces and its own end, the usage comes once', async () => {
  const stream = await gateway
    .client()
    .chat.completions.create({ ...ask('hello'), n: 5, stream: true, stream_options: { include_usage: true } });
  const contents: string[] = [];
  const reasons: string[] = [];
  const usages: ChatCompletionChunk['usage'][] = [];
  for await (const chunk of stream) {
    assertMatchesSchema('CreateChatCompletionStreamResponse', chunk);
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      contents[index] = (contents[index] ?? '') + (delta.content ?? '');
      if (reason) reasons.push(`${index} ${reason}`);
    }
    if (chunk.usage) usages.push(chunk.usage);
  }
  assert.deepEqual(
    contents,
    Array.from({ length: 5 }, (_value, index) => `answer ${index}`),
  );
  assert.deepEqual(reasons.toSorted(), ['0 stop', '1 stop', '2 stop', '3 stop', '4 stop']);
  assert.deepEqual(
    usages.map((usage) => usage?.total_tokens),
    [5 * 26],
  );
});

test('a choice that fails makes the whole answer fail, and the process serves on', async () => {
  gateway.api.respond(({ index }) => (index === 2 ? failure(400, { message: 'no more' }) : text('fine')));
  const response = await gateway.post(ask('hello', { n: 4 }));
  assert.equal(response.status, 400);
  assert.match(await response.text(), /no more/);
  assert.equal((await gateway.client().chat.completions.create(ask('x'))).choices[0]?.message.content, 'fine');
});

test('a client that leaves ends what runs and what waits', async () => {
  gateway.api.respond({ kind: 'hang' });
  const leaving = new AbortController();
  const request = gateway.post(ask('hello', { n: 4 }), { signal: leaving.signal });
  await gateway.api.until(({ requests }) => requests.length === 1);
  leaving.abort();
  await assert.rejects(request, { name: 'AbortError' });
  await gateway.api.until(({ requests }) => requests[0]?.outcome === 'cancelled');
  gateway.api.respond(text('fine'));
  await gateway.client().chat.completions.create(ask('after'));
  assert.equal(gateway.api.requests.length, 2);
});
