// Guarantee: every failure of the CLI and of the API becomes the documented error in time, never a text of the
// assistant, and the next request succeeds.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { withoutIds } from '../support/cli-session.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { failure, text, type ScriptedReply } from '../support/scripted-messages-api.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({
    settings: {
      CLAUDE__TIMEOUT_SECONDS: '8',
      CLAUDE__MAX_RETRIES: '1',
      CLAUDE__MAX_CONCURRENT_SESSIONS: '2',
      PROCESS_POOL__SIZE: '2',
      PROCESS_POOL__MAX_IDLE: '2',
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(text('fine'));
});

interface ErrorAnswer {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** A model that was limited or overloaded is not asked again at once; another one is. */
async function assertServes(model = 'claude-haiku-4-5'): Promise<void> {
  gateway.api.respond(text('fine'));
  const answer = await gateway.client().chat.completions.create(ask('again', { model }));
  assert.equal(answer.choices[0]?.message.content, 'fine');
}

const UPSTREAM: [string, ScriptedReply, number, string, number][] = [
  ['400', failure(400, { message: 'messages.0: something is wrong' }), 400, 'upstream_invalid_request', 2000],
  [
    'a prompt that is too long',
    failure(400, { message: 'prompt is too long: 250000 tokens > 200000 maximum' }),
    400,
    'context_length_exceeded',
    2000,
  ],
  ['403', failure(403), 502, 'upstream_permission_denied', 2000],
  ['404', failure(404), 404, 'model_not_found', 2000],
  ['413', failure(413), 413, 'request_too_large', 2000],
  ['500', failure(500), 502, 'upstream_error', 6000],
  ['529', failure(529), 503, 'upstream_overloaded', 6000],
  ['a hang', { kind: 'hang' }, 504, 'timeout', 12_000],
  [
    'an answer that breaks off at once',
    text('never', { fault: { afterDeltas: 0, kind: 'error-event' } }),
    502,
    'stream_interrupted',
    6000,
  ],
  ['garbage', { kind: 'raw', body: 'nonsense' }, 502, 'upstream_connection_failed', 6000],
];
for (const [what, reply, status, code, withinMs] of UPSTREAM) {
  test(`${what} upstream is told as ${status} ${code}, streamed or not, and the next request succeeds`, async () => {
    for (const stream of [false, true]) {
      gateway.api.respond(reply);
      const began = performance.now();
      const response = await gateway.post(ask('x', { stream }));
      const body = (await response.json()) as ErrorAnswer;
      const took = performance.now() - began;
      assert.equal(response.status, status, JSON.stringify(body));
      assert.equal(body.error.code, code);
      assert.deepEqual(Object.keys(body.error).toSorted(), ['code', 'message', 'param', 'type']);
      assertMatchesSchema('ErrorResponse', body);
      assert.ok(took < withinMs, `${took} ms`);
      if (status === 429 || status === 503) assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
      await assertServes();
    }
  });
}

test('Retry-After of the API is passed on', async () => {
  gateway.api.respond(failure(429, { headers: { 'retry-after': '27' } }));
  const response = await gateway.post(ask('x', { model: 'claude-sonnet-4-5' }));
  assert.equal(response.status, 429);
  // The CLI tells how long it would wait itself: what the API asked for and up to a quarter more.
  const seconds = Number(response.headers.get('retry-after'));
  assert.ok(seconds >= 27 && seconds <= 34, `${seconds}`);
  await assertServes();
});

for (const kind of ['error-event', 'cut', 'garbage'] as const) {
  const broken = text('hello world, this is all', { fault: { afterDeltas: 1, kind } });
  const whole = text('hello world, this is all');

  test(`a whole answer that breaks off upstream (${kind}) is asked for again, and nothing of the first try is left`, async () => {
    gateway.api.respondOnce(broken, whole);
    const answer = await gateway.client().chat.completions.create(ask('x'));
    assert.equal(answer.choices[0]?.message.content, 'hello world, this is all');
    assert.equal(gateway.api.requests.length, 2);
    const [first, second] = gateway.api.requests.map(({ raw }) => withoutIds(raw));
    assert.equal(second, first);
  });

  test(`a stream that breaks off upstream (${kind}) ends with the reason, after one request`, async () => {
    gateway.api.respondOnce(broken, whole);
    const raw = await (await gateway.post(ask('x', { stream: true }))).text();
    assert.match(raw, /"content":"hello world,"/);
    const last = raw.trim().split('\n\n').at(-1) ?? '';
    assert.equal((JSON.parse(last.slice('data: '.length)) as ErrorAnswer).error.code, 'stream_interrupted');
    assert.ok(!raw.includes('[DONE]'));
    assert.equal(gateway.api.requests.length, 1);
  });
}

test('an answer that breaks off time and again fails after as many requests as the setting allows', async () => {
  gateway.api.respond(text('hello world, this is all', { fault: { afterDeltas: 1, kind: 'error-event' } }));
  const response = await gateway.post(ask('x'));
  assert.equal(response.status, 502);
  assert.equal(((await response.json()) as ErrorAnswer).error.code, 'stream_interrupted');
  // claude.max_retries is 1 here.
  assert.deepEqual(
    gateway.api.requests.map(({ body }) => body.messages.length),
    [1, 1],
  );
  assert.ok(gateway.api.requests.every(({ raw }) => !raw.includes('cut off')));
  await assertServes();
});

test('a CLI that is killed before the first token is replaced by another one, and the client sees nothing of it', async () => {
  gateway.api.respondOnce({ kind: 'hang' });
  const request = gateway.post(ask('x', { stream: true }));
  await gateway.api.until((api) => api.requests.length === 1);
  for (const pid of gateway.cliPids) process.kill(pid, 'SIGKILL');
  const response = await request;
  assert.equal(response.status, 200);
  assert.ok((await response.text()).endsWith('data: [DONE]\n\n'));
  assert.equal(gateway.api.requests.length, 2);
  const { pool } = (await (await fetch(`${gateway.url}/stats`)).json()) as { pool: { retries: number } };
  // Idle ones were killed too, and may have been met on the way.
  assert.ok(pool.retries >= 1);
  assert.match(gateway.output, /a process failed its turn/);
});

test('a second CLI that is killed before the first token is a 502', async () => {
  gateway.api.respond({ kind: 'hang' });
  const request = gateway.post(ask('x', { stream: true }));
  for (const count of [1, 2]) {
    await gateway.api.until((api) => api.requests.length === count);
    for (const pid of gateway.cliPids) process.kill(pid, 'SIGKILL');
  }
  const response = await request;
  assert.equal(response.status, 502);
  assert.equal(((await response.json()) as ErrorAnswer).error.code, 'cli_failed');
  await assertServes();
});

test('a CLI that is killed in mid-stream is told in the stream within a second', async () => {
  gateway.api.respond(text('some words that go on and on and on', { deltaLength: 3, deltaDelayMs: 150 }));
  const response = await gateway.post(ask('x', { stream: true }));
  assert.equal(response.status, 200);
  const killedAt = performance.now();
  for (const pid of gateway.cliPids) process.kill(pid, 'SIGKILL');
  const raw = await response.text();
  assert.ok(performance.now() - killedAt < 1000);
  assert.match(raw, /data: \{"error":\{[^\n]*"code":"cli_failed"\}\}\n\n$/);
  await assertServes();
});
