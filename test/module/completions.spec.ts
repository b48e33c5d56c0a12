// Guarantee: the legacy completions are served by the same engine as chat completions, to the byte in OpenAI's form, and
// belong to no conversation.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { concat, NEVER, of, throwError } from 'rxjs';
import { call, errorOf, type Answer } from '../support/http-call.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { CliCrashedError, UpstreamError } from '../../src/claude-cli/errors.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

let service: TestApplication;
beforeAll(async () => {
  service = await TestApplication.start();
});
afterAll(() => service.stop());
afterEach(async () => {
  await waitFor('every turn to be over', () => service.pool.running === 0);
  service.pool.answer = NEVER;
});

const post = (more: object = {}, { path = '/v1/completions', to = service, headers = {} } = {}): Promise<Answer> =>
  call(to, path, { body: JSON.stringify({ model: 'sonnet', prompt: 'def f():', ...more }), headers });
const start: TurnEvent = { type: 'start', model: MODEL };
const piece: TurnEvent = { type: 'text-delta', text: 'one' };
const oneAnswer = of(start, piece, finish());

test('a whole answer is one text completion, with its cost and its timing', async () => {
  service.pool.answer = of(start, piece, finish('length', { costUsd: 0.0123 }));
  const { status, headers, text } = await post();
  assert.equal(status, 200);
  assert.match(headers['content-type'] ?? '', /^application\/json/);
  assert.equal(headers['x-claude-code-cost-usd'], '0.012300');
  assert.match(headers['server-timing']?.toString() ?? '', /^queue;dur=1\.5, lease;desc="live", first-token/);
  const body = JSON.parse(text) as { id: string; choices: object[] };
  assertMatchesSchema('CreateCompletionResponse', body);
  assert.match(body.id, /^cmpl-[A-Za-z0-9]{29}$/);
  assert.deepEqual(body.choices, [{ text: 'one', index: 0, logprobs: null, finish_reason: 'length' }]);
});

test('a stream is events of chunks and [DONE], to the byte', async () => {
  service.pool.answer = of(start, piece, { ...piece, text: 'two\n\n' }, finish());
  const { status, headers, text } = await post({ stream: true, echo: true });
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8');
  const id = /cmpl-[A-Za-z0-9]{29}/.exec(text)?.[0];
  const created = /"created":(\d+)/.exec(text)?.[1];
  const chunk = (piece: string, reason: string): string =>
    `data: {"id":"${id}","created":${created},"object":"text_completion","model":"${MODEL}",` +
    `"choices":[{"text":"${piece}","index":0,"logprobs":null,"finish_reason":${reason}}]}\n\n`;
  assert.equal(
    text,
    chunk('def f():', 'null') + chunk('one', 'null') + chunk(String.raw`two\n\n`, 'null') + chunk('', '"stop"') + 'data: [DONE]\n\n', // prettier-ignore
  );
});

test('each of n choices is a turn of its own', async () => {
  service.pool.answer = oneAnswer;
  const before = service.pool.turns.length;
  const { text } = await post({ n: 3 });
  const { choices, usage } = JSON.parse(text) as { choices: { index: number }[]; usage: { prompt_tokens: number } };
  assert.deepEqual(choices.map(({ index }) => index), [0, 1, 2]); // prettier-ignore
  assert.equal(usage.prompt_tokens, 3 * 19);
  assert.equal(service.pool.turns.length, before + 3);
});

test('a completion belongs to no conversation: it names none, stores none and continues none', async () => {
  service.pool.answer = oneAnswer;
  const created = await call(service, '/v1/conversations', { body: '{}' });
  const { id } = JSON.parse(created.text) as { id: string };
  const stored = async (): Promise<string> => (await call(service, '/v1/conversations')).text;
  const before = await stored();
  const { status, headers, text } = await post({ conversation_id: id }, { headers: { 'x-conversation-id': id } });
  assert.equal(status, 200);
  assert.deepEqual(
    [headers['x-conversation-id'], headers['x-claude-code-conversation-storage']],
    [undefined, undefined],
  );
  assert.ok(!text.includes('conversation'));
  assert.equal(headers['x-claude-code-ignored'], 'conversation_id, x-conversation-id');
  assert.deepEqual(service.pool.turns.at(-1)?.history, []);
  assert.equal(await stored(), before);
  assert.ok(before.includes(id));
});

for (const stream of [false, true]) {
  const form = stream ? 'streamed' : 'whole';

  test(`a failure before the first piece is an HTTP error, ${form}`, async () => {
    const failure = throwError(() => new UpstreamError(429, 'slow down', 27));
    service.pool.answer = concat(of(start), failure);
    const answer = await post({ stream, echo: true });
    assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '27']);
    assert.equal(errorOf(answer).code, 'rate_limit_exceeded');
  });

  test(`a client that leaves ends its turn, ${form}`, async () => {
    service.pool.answer = concat(of(start, piece), NEVER);
    const client = new AbortController();
    const request = fetch(`${service.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sonnet', prompt: 'x', stream }),
      signal: client.signal,
    }).then((response) => response.text());
    await waitFor('the turn', () => service.pool.running === 1);
    client.abort();
    await assert.rejects(request, { name: 'AbortError' });
    await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  });

  test(`what had no effect is named in a header, ${form}`, async () => {
    service.pool.answer = oneAnswer;
    const { status, headers } = await post({ stream, seed: 1 }, { path: '/v1/completions?api-version=1' });
    assert.deepEqual([status, headers['x-claude-code-ignored']], [200, 'seed, api-version']);
  });
}

test('a failure in mid-stream is the last event, without [DONE]', async () => {
  service.pool.answer = concat(of(start, piece), throwError(() => new CliCrashedError(null, 'SIGKILL', 'stderr'))); // prettier-ignore
  const { status, text } = await post({ stream: true });
  assert.equal(status, 200);
  assert.match(text, /"one"[^]*data: \{"error":\{[^\n]*"code":"cli_failed"[^\n]*\}\}\n\n$/);
  assert.ok(!text.includes('[DONE]'));
});

test('a request that cannot be served asks nothing of the pool', async () => {
  const before = service.pool.turns.length;
  for (const [body, status, param] of [
    [{ prompt: [1, 2] }, 400, 'prompt'],
    [{ prompt: ['a', 'b'] }, 400, 'prompt'],
    [{ logprobs: 1 }, 400, 'logprobs'],
    [{ model: 'davinci-002' }, 404, 'model'],
  ] as const) {
    const answer = await post(body);
    assert.deepEqual([answer.status, errorOf(answer).param], [status, param], answer.text);
  }
  assert.equal(service.pool.turns.length, before);
});

test('fields without effect are refused where that is wanted', async () => {
  const strict = await TestApplication.start({ CLAUDE__STRICT_PARAMETERS: 'true' });
  const answer = await post({ seed: 1 }, { to: strict });
  await strict.stop();
  assert.deepEqual([answer.status, errorOf(answer).param], [400, 'seed']);
});

test('a repeated completion is served from the cache, and another seed or the chat form of it is another request', async () => {
  const cached = await TestApplication.start({ CACHE__ENABLED: 'true' });
  cached.pool.answer = oneAnswer;
  const first = await post({}, { to: cached });
  const again = await post({ echo: true }, { to: cached });
  const seeded = await post({ seed: 2 }, { to: cached });
  const messages = [{ role: 'user', content: 'def f():' }];
  const chat = await call(cached, '/v1/chat/completions', { body: JSON.stringify({ model: 'sonnet', messages }) });
  await cached.stop();
  assert.deepEqual(
    [first, again, seeded, chat].map(({ headers }) => headers['x-cache']),
    ['miss', 'hit', 'miss', 'miss'],
  );
  // The prompt is no part of what the model has answered.
  assert.match(again.text, /"text":"def f\(\):one"/);
});

test('other spellings of the path lead to it', async () => {
  service.pool.answer = oneAnswer;
  for (const path of ['/completions', '/v1/v1/completions/', '/V1/Completions'])
    assert.equal((await post({}, { path })).status, 200, path);
  const wrong = await call(service, '/openai/v1/completions', { body: '{}' });
  assert.equal(wrong.status, 404);
  assert.match(errorOf(wrong).message, /Use POST \/v1\/completions/);
});
