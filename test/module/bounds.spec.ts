// Guarantee: everything that a client can make large, many or slow has a bound, and who meets it is told, in OpenAI's
// shape wherever an answer is possible.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { concat, NEVER, of, type Observable } from 'rxjs';
import { call, errorOf, type ErrorShape } from '../support/http-call.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

const CHAT = '/v1/chat/completions';
const hello = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] });
const oneAnswer = of<TurnEvent[]>({ type: 'start', model: MODEL }, { type: 'text-delta', text: 'one' }, finish());
const post = (headers: string): string => `POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`;

/** The error of an answer that was read off a connection. */
function errorIn(received: string): ErrorShape {
  const body = JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4)) as { error: ErrorShape };
  assertMatchesSchema('ErrorResponse', body);
  return body.error;
}

describe('size', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({
      SERVER__MAX_BODY_MEGABYTES: '1',
      SERVER__MAX_HEADER_KILOBYTES: '4',
      SERVER__MAX_MESSAGES: '3',
    });
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  test('a body in chunks that is too large is a 413', async () => {
    const connection = await RawConnection.open(service.url);
    connection.send(post('Content-Type: application/json\r\nTransfer-Encoding: chunked'));
    for (let sent = 0; sent < 20; sent += 1) connection.send(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    connection.send('0\r\n\r\n');
    await waitFor('the answer', () => connection.status === 413);
    await waitFor('its body', () => connection.body.endsWith('}}'));
    assert.equal(errorIn(connection.received).code, 'request_too_large');
    connection.destroy();
  });

  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const) {
    test(`a body in ${encoding} is read, and one that unpacks to too much is a 413`, async () => {
      const headers = { 'content-encoding': encoding };
      assert.equal((await call(service, CHAT, { body: compress(hello), headers })).status, 200);
      const bomb = await call(service, CHAT, { body: compress(Buffer.alloc(100 * 1024 * 1024, ' ')), headers });
      assert.deepEqual([bomb.status, errorOf(bomb).code], [413, 'request_too_large']);
    });
  }

  for (const headers of [
    { 'content-encoding': 'zip' },
    { 'content-type': 'application/json; charset=koi8-r' },
  ] as const) {
    test(`a body of ${JSON.stringify(headers)} is a 415`, async () => {
      const answer = await call(service, CHAT, { body: hello, headers });
      assert.deepEqual([answer.status, errorOf(answer).code], [415, 'unsupported_encoding']);
    });
  }

  for (const [what, body] of [
    ['nested to its last byte', '['.repeat(1_000_000)],
    ['nested and closed again', `{"messages":${'['.repeat(400_000)}${']'.repeat(400_000)}}`],
    ['nested behind strings with brackets and quotes', `["[[[\\"[[\\\\",${'{"a":'.repeat(600)}1${'}'.repeat(600)}]`],
    ['of many values', `{"model":"sonnet","messages":[${'{},'.repeat(200_000)}{}]}`],
    ['of many fields', `{${Array.from({ length: 70_000 }, (_, index) => `"${index}":[]`).join(',')}}`],
    ['of one number', `{"temperature":${'1'.repeat(900_000)}}`],
  ] as const) {
    test(`a body ${what} is refused before it is parsed`, async () => {
      const answer = await call(service, CHAT, { body });
      assert.deepEqual([answer.status, errorOf(answer).code], [400, 'json_too_complex']);
    });
  }

  test('brackets in strings are text', async () => {
    const content = `${'[{'.repeat(5000)}\\"\\\\"${'['.repeat(5000)}\\`;
    const body = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content }] });
    assert.equal((await call(service, CHAT, { body })).status, 200);
  });

  test('bytes that are not UTF-8 are refused, not replaced', async () => {
    const body = Buffer.from('{"model":"sonnet","messages":[{"role":"user","content":"f\u00fcr"}]}', 'latin1');
    const answer = await call(service, CHAT, { body });
    assert.deepEqual([answer.status, errorOf(answer).code], [400, 'invalid_json']);
    assert.match(errorOf(answer).message, /UTF-8/);
  });

  test('a body in many parts reaches the model as it was sent', async () => {
    const content = 'ü"\\\n🎈 [{,'.repeat(50_000);
    const body = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content }] });
    assert.equal((await call(service, CHAT, { body: `\ufeff${body}` })).status, 200);
    assert.deepEqual(service.pool.turns.at(-1)?.message.content, [{ type: 'text', text: content }]);
  });

  test('one message more than are taken is a 400 that says how many are', async () => {
    const messages = (count: number): string =>
      JSON.stringify({ model: 'sonnet', messages: Array.from({ length: count }, () => ({ role: 'user', content: 'x' })) }); // prettier-ignore
    assert.equal((await call(service, CHAT, { body: messages(3) })).status, 200);
    const answer = await call(service, CHAT, { body: messages(4) });
    assert.equal(answer.status, 400);
    assert.partialDeepStrictEqual(errorOf(answer), { param: 'messages', code: 'array_above_max_length' });
    assert.match(errorOf(answer).message, /maximum length 3, but got an array with length 4/);
    const items = messages(4).replace('"messages"', '"input"');
    assert.equal(errorOf(await call(service, CHAT, { body: items })).param, 'input');
  });

  test('headers and URLs that are too large are a 431', async () => {
    for (const options of [
      { path: '/v1/models', headers: { cookie: 'x'.repeat(5000) } },
      { path: `/v1/models/${'x'.repeat(5000)}`, headers: {} },
    ]) {
      const answer = await call(service, options.path, { headers: options.headers });
      assert.deepEqual([answer.status, errorOf(answer).code], [431, 'headers_too_large']);
      assert.match(String(answer.headers['x-request-id']), /^req_/);
      assert.equal(answer.headers.connection, 'close');
    }
  });

  for (const nonsense of [
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /v1/models HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n',
    post('Content-Length: 1\r\nContent-Length: 2'),
    post('Content-Length: 5\r\nTransfer-Encoding: chunked'),
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
  ]) {
    test(`${JSON.stringify(nonsense)} is a 400 and the end of the connection`, async () => {
      const connection = await RawConnection.open(service.url);
      const received = await connection.send(nonsense).closed();
      assert.equal(connection.status, 400, received);
      assert.equal(errorIn(received).code, 'invalid_http');
    });
  }

  test('a chunk that is none ends the request with a 400', async () => {
    const connection = await RawConnection.open(service.url);
    connection.send(post('Content-Type: application/json\r\nTransfer-Encoding: chunked'));
    const received = await connection.send('5\r\nhello\r\nnonsense\r\n').closed();
    assert.equal(connection.status, 400, received);
    assert.equal(errorIn(received).code, 'invalid_http');
  });

  test('nonsense behind a request does not cost it its answer', async () => {
    const connection = await RawConnection.open(service.url);
    const received = await connection.send('GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n').closed();
    assert.equal(connection.status, 200, received);
  });
});

describe('time', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({
      SERVER__REQUEST_TIMEOUT_SECONDS: '0.4',
      SERVER__IDLE_CONNECTION_SECONDS: '0.2',
      SERVER__SLOW_READER_SECONDS: '0.3',
      SERVER__KEEP_ALIVE_SECONDS: '0.1',
    });
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    service.pool.answer = oneAnswer;
  });

  test('headers that never end are a 408', async () => {
    const connection = await RawConnection.open(service.url);
    const received = await connection.send('GET /v1/models HTTP/1.1\r\nHost: loc').closed();
    assert.equal(connection.status, 408, received);
    assert.equal(errorIn(received).code, 'request_timeout');
  });

  test('a body that never ends is a 408, told as the outcome of its request', async () => {
    const connection = await RawConnection.open(service.url);
    const received = await connection.send(`${post('Content-Type: application/json\r\nContent-Length: 99')}{`).closed();
    assert.equal(connection.status, 408, received);
    assert.equal(errorIn(received).code, 'request_timeout');
    assert.match(received, /x-request-id: req_/i);
    const stats = (await (await service.get('/stats')).json()) as { since_start: unknown };
    assert.match(JSON.stringify(stats.since_start), /request_timeout/);
  });

  test('a connection on which nothing is asked is closed, before the first request and after one', async () => {
    const silent = await RawConnection.open(service.url);
    const used = await RawConnection.open(service.url);
    used.send('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal(await silent.closed(), '');
    await used.closed();
    assert.equal(used.status, 200);
  });

  test('an answer that takes longer than all of these is waited for', async () => {
    service.pool.answer = NEVER;
    const connection = await RawConnection.open(service.url);
    const body = JSON.stringify({ ...JSON.parse(hello), stream: true });
    connection.send(`${post(`Content-Type: application/json\r\nContent-Length: ${body.length}`)}${body}`);
    // Ten comments take more than twice as long as the longest of the bounds.
    await waitFor('ten comments', () => connection.received.split(': keep-alive').length > 10);
    assert.equal(connection.isClosed, false);
    connection.destroy();
    await waitFor('the cancel', () => service.pool.running === 0);
  });

  for (const stream of [true, false]) {
    test(`a client that does not read its ${stream ? 'stream' : 'answer'} is cut off, and its turn ended`, async () => {
      service.pool.answer = stream ? endless() : huge();
      const connection = await RawConnection.open(service.url);
      connection.socket.pause();
      const body = JSON.stringify({ ...JSON.parse(hello), stream });
      connection.send(`${post(`Content-Type: application/json\r\nContent-Length: ${body.length}`)}${body}`);
      await waitFor('the cut', async () => (await outcomes()).includes('slow_reader'));
      await waitFor('the end of the turn', () => service.pool.running === 0);
      connection.destroy();
      await forget();
    });
  }

  async function outcomes(): Promise<string> {
    try {
      const stats = (await (await service.get('/stats')).json()) as { since_start: unknown };
      return JSON.stringify(stats.since_start);
    } catch {
      // On a busy machine this reader is too slow for the bound as well.
      return '';
    }
  }

  /** A service that has not seen a slow reader yet. */
  async function forget(): Promise<void> {
    await service.stop();
    service = await TestApplication.start({ SERVER__SLOW_READER_SECONDS: '0.3' });
  }
});

/** More than the system takes off the service's hands, and less than what is a bound by itself. */
const LARGE = 'x'.repeat(1024 * 1024);

function huge(): Observable<TurnEvent> {
  return of<TurnEvent[]>(
    { type: 'start', model: MODEL },
    ...Array.from({ length: 14 }, (): TurnEvent => ({ type: 'text-delta', text: LARGE })),
    finish(),
  );
}

function endless(): Observable<TurnEvent> {
  return concat(of<TurnEvent[]>({ type: 'start', model: MODEL }, ...Array.from({ length: 14 }, (): TurnEvent => ({ type: 'text-delta', text: LARGE }))), NEVER); // prettier-ignore
}

describe('number', () => {
  test('a stream more than may be open is a 503 that says when to come again', async () => {
    const service = await TestApplication.start({ SERVER__MAX_OPEN_STREAMS: '2' });
    const ask = { ...(JSON.parse(hello) as object), stream: true };
    const leaving = new AbortController();
    const open = [service.post(ask, { signal: leaving.signal }), service.post(ask, { signal: leaving.signal })];
    await waitFor('two turns', () => service.pool.running === 2);
    const refused = await call(service, CHAT, { body: JSON.stringify(ask) });
    assert.deepEqual([refused.status, errorOf(refused).code], [503, 'too_many_streams']);
    assert.match(String(refused.headers['retry-after']), /^\d+$/);
    leaving.abort();
    await Promise.allSettled(open);
    await waitFor('their end', () => service.pool.running === 0);
    service.pool.answer = oneAnswer;
    assert.equal((await call(service, CHAT, { body: JSON.stringify(ask) })).status, 200);
    await service.stop();
  });

  test('a connection more than may be open is closed, and the others are served', async () => {
    const service = await TestApplication.start({ SERVER__MAX_CONNECTIONS: '2' });
    const [first, second] = [await RawConnection.open(service.url), await RawConnection.open(service.url)];
    const third = await RawConnection.open(service.url);
    assert.equal(await third.closed(), '');
    second.send('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await waitFor('an answer', () => second.status === 200);
    const closed = once(first.socket, 'close');
    first.destroy();
    await closed;
    second.destroy();
    await waitFor('room', () => service.get('/health/live').then(({ ok }) => ok, () => false)); // prettier-ignore
    await service.stop();
  });
});
