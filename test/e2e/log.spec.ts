// Guarantee: the log is JSON lines, one for each request with what it took, and what happens to a CLI process stands under
// the request that it happened to.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, test } from '@jest/globals';
import { ask, Gateway } from '../support/gateway.ts';
import { failure, text, type Script, type ScriptedReply } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

type Line = Readonly<Record<string, unknown>>;
let gateway: Gateway;
const CUT = text('some words', { deltaLength: 4, deltaDelayMs: 20, fault: { afterDeltas: 2, kind: 'cut' } });
const headers = { authorization: 'Bearer right-key', 'x-forwarded-for': '203.0.113.9' };

beforeAll(async () => {
  const sha256 = createHash('sha256').update('right-key').digest('hex');
  gateway = await Gateway.start({
    settings: {
      AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256 }]),
      SERVER__TRUSTED_PROXIES: '["loopback"]',
      LOGGING__REDACT: '["method"]',
      CLAUDE__MAX_RETRIES: '1',
    },
  });
});
afterAll(() => gateway.stop());

function lines(requestId: string): Line[] {
  const whole = gateway.output.slice(0, gateway.output.lastIndexOf('\n'));
  return whole
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line['requestId'] === requestId);
}

const access = (requestId: string): Line[] => lines(requestId).filter(({ msg }) => msg === 'request');

async function send(requestId: string, more: object = {}): Promise<number> {
  const response = await gateway.post(ask('x', more), { headers: { ...headers, 'x-request-id': requestId } });
  await response.text();
  await waitFor('the line', () => access(requestId).length > 0);
  return response.status;
}

test('an answer has one line that tells whose it was and what it took', async () => {
  for (const stream of [false, true]) {
    const id = `answer-${stream}`;
    assert.equal(await send(id, { stream }), 200);
    const [line, ...others] = access(id);
    assert.equal(others.length, 0);
    assert.partialDeepStrictEqual(line, {
      level: 30,
      client: '203.0.113.9',
      key: 'alice',
      path: '/v1/chat/completions',
      status: 200,
      outcome: 'ok',
      model: 'claude-haiku-4-5',
      finishReason: 'stop',
      promptTokens: 19,
      completionTokens: 7,
    });
    for (const name of ['queueMs', 'firstTokenMs', 'totalMs']) assert.equal(typeof line?.[name], 'number', name);
  }
});

test('what the settings leave out is left out', async () => {
  await send('redacted');
  assert.equal(access('redacted')[0]?.['method'], '[Redacted]');
});

test('a process that dies stands under the request that it was working for', async () => {
  // In mid-answer: before it the turn would be begun again on another process.
  gateway.api.respond(text('some words of an answer '.repeat(20), { deltaLength: 5, deltaDelayMs: 50 }));
  const response = await gateway.post(ask('x', { stream: true }), {
    headers: { ...headers, 'x-request-id': 'victim' },
  });
  const pids = gateway.cliPids;
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  assert.match(await response.text(), /cli_failed/);
  await waitFor('the line', () => access('victim').length > 0);
  const event = lines('victim').find(({ msg }) => msg === 'process ended unexpectedly');
  assert.partialDeepStrictEqual(event, { level: 40, signal: 'SIGKILL', isExpected: false });
  assert.ok(pids.includes(Number(event?.['pid'])));
  gateway.api.respond(text('fine'));
});

test('what the CLI asks the API again for stands under its request', async () => {
  gateway.api.respondOnce(failure(500));
  assert.equal(await send('repeated'), 200);
  const event = lines('repeated').find(({ msg }) => msg === 'upstream failed, the CLI asks again');
  assert.partialDeepStrictEqual(event, { level: 40, attempt: 1, status: 500 });
  assert.ok(gateway.cliPids.includes(Number(event?.['pid'])));
});

test('the line of a failed answer says why the model provider failed or refused it', async () => {
  const message = 'messages.0.content: "planted text" is nothing: Field required';
  const cases: [boolean, Script | ScriptedReply, number, object][] = [
    [false, failure(400, { message }), 400, { status: 400, errorType: 'invalid_request_error', requestId: 'req_scripted', place: 'messages.0.content', words: 'Field required' }],
    [true, failure(500, { message: 'Internal server error' }), 502, { status: 500, errorType: 'api_error', words: 'Internal server error' }],
    [false, { kind: 'raw', body: 'data: planted text\n\n' }, 502, { terminalReason: 'api_error', words: 'API returned an empty or malformed response (HTTP 200)' }],
    [true, failure(529, { message: 'Overloaded' }), 503, { status: 529, errorType: 'overloaded_error', words: 'Overloaded' }],
  ]; // prettier-ignore
  for (const [stream, reply, status, expected] of cases) {
    gateway.api.respond(reply);
    const id = `failed-${status}-${stream}`;
    assert.equal(await send(id, { stream }), status);
    assert.partialDeepStrictEqual(access(id)[0]?.['upstreamFailure'], expected);
    assert.ok(lines(id).every((line) => !JSON.stringify(line).includes('planted text')));
  }
  // Of a response that broke off the CLI tells no more.
  gateway.api.respond(CUT);
  assert.equal(await send('cut', { stream: true }), 200);
  assert.equal(access('cut')[0]?.['outcome'], 'stream_interrupted');
  gateway.api.respond(text('fine'));
});

test('what never became a request has its line as well', async () => {
  const response = await fetch(`${gateway.url}/v1/models`, { headers: { ...headers, cookie: 'x'.repeat(20_000) } });
  assert.equal(response.status, 431);
  const id = response.headers.get('x-request-id') ?? '';
  await waitFor('the line', () => access(id).length > 0);
  assert.partialDeepStrictEqual(access(id)[0], { status: 431, outcome: 'headers_too_large', client: '127.0.0.1' });
});
