// Guarantee: whatever is sent to the service is answered in OpenAI's shape under a request id, and strangers are turned
// away before anything of their body is read.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { of } from 'rxjs';
import { call, errorOf } from '../support/http-call.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

const oneAnswer = of<TurnEvent[]>({ type: 'start', model: MODEL }, { type: 'text-delta', text: 'one' }, finish());

const CHAT = '/v1/chat/completions';
const hello = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] });

describe('on loopback without keys', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({ SERVER__MAX_BODY_MEGABYTES: '0.01' });
  });
  afterAll(() => service.stop());

  test('a path that is not there is a 404 that names it, without its query', async () => {
    const answer = await call(service, '/v1/engines?key=secret');
    assert.equal(answer.status, 404);
    assert.match(errorOf(answer).message, /^Invalid URL \(GET \/v1\/engines\)\. Use POST \/v1\/chat\/completions/);
  });

  test('another method than a path has is a 405 that tells which it has', async () => {
    const get = await call(service, CHAT);
    assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
    assert.equal(errorOf(get).code, 'method_not_supported');
    const remove = await call(service, '/v1/models/sonnet', { method: 'DELETE' });
    assert.deepEqual([remove.status, remove.headers.allow], [405, 'GET']);
  });

  test('a URL that is not encoded properly is a 400', async () => {
    const answer = await call(service, '/v1/models/%E0%A4%A');
    assert.deepEqual([answer.status, errorOf(answer).code], [400, 'invalid_url']);
  });

  for (const body of ['{"model":', 'hello', '"text"', '{"a":1}}']) {
    test(`the body ${body} is a 400 that says so`, async () => {
      const answer = await call(service, CHAT, { body });
      assert.deepEqual([answer.status, errorOf(answer).code], [400, 'invalid_json']);
    });
  }

  test('a body that is too large is a 413', async () => {
    const answer = await call(service, CHAT, { body: JSON.stringify('x'.repeat(11_000)) });
    assert.deepEqual([answer.status, errorOf(answer).code], [413, 'request_too_large']);
  });

  test('a small body that unpacks to one that is too large is a 413', async () => {
    const body = gzipSync(JSON.stringify({ x: 'x'.repeat(1_000_000) }));
    const answer = await call(service, CHAT, { body, headers: { 'content-encoding': 'gzip' } });
    assert.equal(answer.status, 413);
  });

  for (const type of [
    'text/plain',
    'text/plain; application/json',
    'text/plain;x=application/json',
    'text/plain, application/json',
    'TEXT/PLAIN;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x+json',
    'multipart/x+json',
    'application/jsonp',
    'application/json-seq',
    'application/x-ndjson',
    'application/ json',
    'json',
    ' ',
  ]) {
    test(`a body of ${type} is a 415, which no form of a web page gets past`, async () => {
      const answer = await call(service, CHAT, { body: hello, headers: { 'content-type': type } });
      assert.deepEqual([answer.status, errorOf(answer).code], [415, 'unsupported_content_type']);
    });
  }

  test('no body at all is a 400 of the API', async () => {
    const answer = await call(service, CHAT, { method: 'POST' });
    assert.equal(answer.status, 400);
    errorOf(answer);
  });

  for (const type of [
    'application/json; charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json;charset=utf8',
    'application/json; charset="utf-8"',
    "application/json; charset='UTF8'",
    'application/json; charset=us-ascii',
    'application/json;utf-8',
    'application/json;',
    'Application/JSON',
    'application/json, application/json',
    'text/json',
    'application/x-json',
    'application/vnd.api+json',
    'application/problem+json; charset=utf-8',
  ]) {
    test(`a body of ${type} is JSON`, async () => {
      service.pool.answer = oneAnswer;
      const body = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'für 🎈' }] });
      assert.equal((await call(service, CHAT, { body, headers: { 'content-type': type } })).status, 200);
      assert.deepEqual(service.pool.turns.at(-1)?.message.content, [{ type: 'text', text: 'für 🎈' }]);
    });
  }

  test('a body without a content type is a 415, since a web page can send one without asking', async () => {
    const connection = await RawConnection.open(service.url);
    const head = `POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${hello.length}`;
    const received = await connection.send(`${head}\r\n\r\n${hello}`).closed();
    assert.match(received, /^HTTP\/1\.1 415 [^]*"code":"unsupported_content_type"/);
  });

  for (const charset of ['utf-16', 'iso-8859-1', 'windows-1252', 'utf-7']) {
    test(`a body in ${charset} is a 415 that asks for UTF-8`, async () => {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      const answer = await call(service, CHAT, { body: hello, headers });
      assert.deepEqual([answer.status, errorOf(answer).code], [415, 'unsupported_encoding']);
      assert.match(errorOf(answer).message, /UTF-8/);
    });
  }

  for (const [what, path] of [
    ['an answer', '/v1/models'],
    ['an error', '/v1/models/none'],
    ['a path that is not there', '/nothing'],
    ['a health check', '/health/live'],
  ] as const) {
    test(`${what} carries the client's request id`, async () => {
      const answer = await call(service, path, { headers: { 'x-request-id': 'my-id.1:2' } });
      assert.equal(answer.headers['x-request-id'], 'my-id.1:2');
    });
  }

  test('a request id that would be trouble in a log is replaced, and one is made where none is given', async () => {
    for (const id of [undefined, 'a b', '', 'x'.repeat(129), '{"a":1}']) {
      const answer = await call(service, '/health/live', { headers: id === undefined ? {} : { 'x-request-id': id } });
      assert.match(String(answer.headers['x-request-id']), /^req_[0-9a-f]{32}$/);
    }
  });

  test('the framework is not told', async () => {
    const { headers } = await call(service, '/v1/models');
    assert.ok(!('x-powered-by' in headers) && !('etag' in headers));
  });

  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', '0.0.0.0']) {
    test(`the host "${host}", which could be a name that was bound to this address, is a 403`, async () => {
      const answer = await call(service, '/v1/models', { headers: { host } });
      assert.deepEqual([answer.status, errorOf(answer).code], [403, 'host_not_allowed']);
    });
  }

  for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1', '127.0.0.1:1', '[::1]:8080']) {
    test(`the host ${host} is this machine`, async () => {
      assert.equal((await call(service, '/v1/models', { headers: { host } })).status, 200);
    });
  }

  for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://']) {
    test(`a web page of ${origin} is refused, and told of no permission`, async () => {
      for (const method of ['GET', 'OPTIONS']) {
        const answer = await call(service, '/v1/models', { method, headers: { origin } });
        assert.equal(answer.status, 403);
        assert.ok(!Object.keys(answer.headers).some((name) => name.startsWith('access-control-')));
      }
    });
  }

  test('a web page of this machine may ask', async () => {
    assert.equal((await call(service, '/v1/models', { headers: { origin: 'http://localhost:3000' } })).status, 200);
  });
});

describe('with keys', () => {
  const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
  let service: TestApplication;
  beforeAll(async () => {
    const keys = ['alice', 'bob'].map((name) => ({ name, sha256: digest(`key of ${name}`.replaceAll(' ', '-')) }));
    service = await TestApplication.start({ AUTH__KEYS: JSON.stringify(keys) });
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  for (const [form, headers, tenant] of [
    ['Bearer', { authorization: 'Bearer key-of-alice' }, 'alice'],
    ['bearer', { authorization: 'bearer  key-of-bob' }, 'bob'],
    ['x-api-key', { 'x-api-key': 'key-of-bob' }, 'bob'],
  ] as const) {
    test(`a key as ${form} says whose request it is`, async () => {
      assert.equal((await call(service, CHAT, { body: hello, headers })).status, 200);
      assert.equal(service.pool.tenants.at(-1), tenant);
    });
  }

  for (const [what, headers, code] of [
    ['no key', {}, 'missing_api_key'],
    ['an empty key', { 'x-api-key': '' }, 'missing_api_key'],
    ['another scheme', { authorization: 'Basic key-of-alice' }, 'missing_api_key'],
    ['a wrong key', { authorization: 'Bearer key-of-mallory' }, 'invalid_api_key'],
    ['the digest of a key', { 'x-api-key': digest('key-of-alice') }, 'invalid_api_key'],
    ['the name of a key', { 'x-api-key': 'alice' }, 'invalid_api_key'],
  ] as const) {
    test(`${what} is a 401 everywhere but for health checks`, async () => {
      for (const path of ['/v1/models', '/stats', '/nothing', '/healthy', '/v1/health', '/x/../health']) {
        const answer = await call(service, path, { headers });
        assert.deepEqual([answer.status, errorOf(answer).code], [401, code]);
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
      }
      for (const path of ['/health', '/health/live', '/health/ready?x'])
        assert.equal((await call(service, path, { headers })).status, 200);
    });
  }

  test('a path that only looks like a health check leads nowhere', async () => {
    for (const path of ['/health/../v1/models', '/health/..%2fv1/models', '/health//v1/models'])
      assert.equal((await call(service, path)).status, 404);
  });

  test('a stranger is answered before the body has come', async () => {
    const answer = await call(service, CHAT, { body: '{"model":', isUnfinished: true });
    assert.equal(answer.status, 401);
    const other = await call(service, CHAT, {
      body: 'x',
      isUnfinished: true,
      headers: { 'x-api-key': 'key-of-alice', 'content-type': 'text/plain' },
    });
    assert.equal(other.status, 415);
  });

  test('a key of one request is not that of the next on the same connection', async () => {
    const headers = { authorization: 'Bearer key-of-alice' };
    assert.equal((await fetch(`${service.url}/v1/models`, { headers })).status, 200);
    assert.equal((await fetch(`${service.url}/v1/models`)).status, 401);
  });
});

describe('while it stops', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start();
    const status = service.pool.status();
    service.pool.status = () => ({ ...status, state: 'draining' });
  });
  afterAll(() => service.stop());

  test('the API refuses, says when to come again, and leaves the connection', async () => {
    for (const body of [hello, '{}', undefined]) {
      const answer = await call(service, body === undefined ? '/v1/models' : CHAT, body === undefined ? {} : { body });
      assert.deepEqual([answer.status, errorOf(answer).code], [503, 'draining']);
      assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
      assert.equal(answer.headers.connection, 'close');
    }
    assert.equal(service.pool.turns.length, 0);
  });

  test('a large request gets its answer too', async () => {
    const answer = await call(service, CHAT, { body: JSON.stringify({ x: 'x'.repeat(8_000_000) }) });
    assert.equal(answer.status, 503);
  });

  test('it is alive, but not ready', async () => {
    assert.equal((await call(service, '/health/live')).status, 200);
    const ready = await call(service, '/health/ready');
    assert.equal(ready.status, 503);
    assert.match(ready.text, /"state":"draining"/);
  });

  test('its figures can still be read', async () => {
    assert.equal((await call(service, '/stats')).status, 200);
  });
});
