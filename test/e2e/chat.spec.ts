// Guarantee: an unchanged OpenAI client gets complete, streamed and truly counted answers.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { text } from '../support/scripted-messages-api.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  assert.equal(await gateway.stop(), 0);
});
beforeEach(() => gateway.api.reset());

test('a completion has the answer, its own id, the model that answered and the usage of the CLI', async () => {
  const completion = await gateway.client().chat.completions.create(ask('hello'));
  assertMatchesSchema('CreateChatCompletionResponse', completion);
  assert.match(completion.id, /^chatcmpl-[A-Za-z0-9]{29}$/);
  assert.equal(completion.choices[0]?.message.content, 'You said: hello');
  assert.equal(completion.choices[0]?.finish_reason, 'stop');
  assert.equal(completion.model, 'claude-haiku-4-5');
  assert.deepEqual(
    [completion.usage?.prompt_tokens, completion.usage?.completion_tokens, completion.usage?.total_tokens],
    [19, 7, 26],
  );
  assert.equal(completion.usage?.prompt_tokens_details?.cached_tokens, 5);
  assert.equal(gateway.api.requests.length, 1);
});

test('a stream begins with the role, gives the deltas as they come and ends with the reason and [DONE]', async () => {
  gateway.api.respondOnce(text('one two three', { deltaLength: 4, deltaDelayMs: 30 }));
  const arrivals: number[] = [];
  const chunks: ChatCompletionChunk[] = [];
  const stream = await gateway.client().chat.completions.create(ask('x', { stream: true }) as never);
  for await (const chunk of stream as unknown as AsyncIterable<ChatCompletionChunk>) {
    assertMatchesSchema('CreateChatCompletionStreamResponse', chunk);
    chunks.push(chunk);
    arrivals.push(performance.now());
  }
  assert.equal(chunks[0]?.choices[0]?.delta.role, 'assistant');
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
  assert.deepEqual(
    chunks.slice(1, -1).map(({ choices }) => choices[0]?.delta.content),
    ['one ', 'two ', 'thre', 'e'],
  );
  assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop');
  assert.ok(chunks.every(({ usage }) => usage === undefined));
  assert.ok((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0) > 50, 'the deltas came spread over time, not in one lump');

  const raw = await (await gateway.post(ask('x', { stream: true }))).text();
  assert.ok(raw.endsWith('\n\ndata: [DONE]\n\n'));
});

test('include_usage adds a last chunk without choices; the others carry usage null', async () => {
  const raw = await (await gateway.post(ask('x', { stream: true, stream_options: { include_usage: true } }))).text();
  const chunks = raw
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as ChatCompletionChunk);
  const last = chunks.pop();
  assert.deepEqual(last?.choices, []);
  assert.equal(last?.usage?.prompt_tokens_details?.cached_tokens, 5);
  assert.ok(chunks.every(({ usage }) => usage === null));
});

test('every answer has an id of its own, and the request id is the client’s where it sends one', async () => {
  const first = await gateway.post(ask('a'), { headers: { 'x-request-id': 'mine-1' } });
  const second = await gateway.post(ask('a'));
  assert.equal(first.headers.get('x-request-id'), 'mine-1');
  assert.match(second.headers.get('x-request-id') ?? '', /^req_[0-9a-f]{32}$/);
  const ids = [await first.json(), await second.json()].map((body) => (body as { id: string }).id);
  assert.notEqual(ids[0], ids[1]);
});

test('requests that overlap are answered by several processes at once', async () => {
  gateway.api.respond(({ body }) => text(`${JSON.stringify(body.messages).length}`, { firstDelayMs: 300 }));
  const answers = await Promise.all(
    ['a', 'bb', 'ccc'].map((word) => gateway.client().chat.completions.create(ask(word))),
  );
  assert.equal(new Set(answers.map(({ choices }) => choices[0]?.message.content)).size, 3);
  assert.ok(gateway.cliPids.length >= 3);
  gateway.api.respond(({ body }) => text(`You said: ${JSON.stringify(body.messages)}`));
});

test('the models are the CLI’s own, each can be asked for, and an unknown one is model_not_found', async () => {
  const client = gateway.client();
  const models = await client.models.list();
  for (const model of models.data) assertMatchesSchema('Model', model);
  const ids = models.data.map(({ id }) => id);
  assert.ok(ids.includes('sonnet') && ids.some((id) => id.startsWith('claude-sonnet-')));
  assert.equal((await client.models.retrieve('sonnet')).id, 'sonnet');
  await assert.rejects(client.models.retrieve('gpt-4o'), { status: 404, code: 'model_not_found' });
  await assert.rejects(client.chat.completions.create({ ...ask('x'), model: 'gpt-4o' }), {
    status: 404,
    code: 'model_not_found',
  });
});
