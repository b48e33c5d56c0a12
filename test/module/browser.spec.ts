// Guarantee: no web page gets anything out of the service or into it unless the operator allowed its origin, by whatever
// name it found the service, and no id leads out of the API.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { of } from 'rxjs';
import { call, errorOf, type Answer } from '../support/http-call.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

const CHAT = '/v1/chat/completions';
const hello = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] });
const oneAnswer = of<TurnEvent[]>({ type: 'start', model: MODEL }, { type: 'text-delta', text: 'one' }, finish());
const keys = JSON.stringify([{ name: 'alice', sha256: createHash('sha256').update('right-key').digest('hex') }]);
const PAGE = 'https://chat.example';
const FOREIGN = [
  'https://evil.example',
  'http://chat.example',
  'https://chat.example:444',
  'https://chat.example.evil',
  'null',
  'capacitor://localhost',
  'tauri://localhost',
  'app://obsidian.md',
  'chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh',
];
const preflight = { origin: PAGE, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-stainless-os' }; // prettier-ignore

const permissions = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('as it comes', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start();
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  for (const origin of [PAGE, ...FOREIGN]) {
    test(`a page of ${origin} can neither ask, nor have its question looked at`, async () => {
      const turns = service.pool.turns.length;
      for (const answer of [
        await call(service, CHAT, { body: hello, headers: { origin } }),
        // What a form can send without asking a browser's permission first.
        await call(service, CHAT, { body: hello, headers: { origin, 'content-type': 'text/plain' } }),
        await call(service, CHAT, { method: 'OPTIONS', headers: { ...preflight, origin } }),
        await call(service, '/health', { headers: { origin } }),
      ]) {
        assert.deepEqual([answer.status, errorOf(answer).code], [403, 'origin_not_allowed']);
        assert.deepEqual(permissions(answer), []);
      }
      assert.equal(service.pool.turns.length, turns);
    });
  }

  test('a form without an Origin is refused for what it sends', async () => {
    const answer = await call(service, CHAT, { body: hello, headers: { 'content-type': 'text/plain' } });
    assert.equal(answer.status, 415);
  });

  test('a page of this machine gets no permission to read either', async () => {
    const origin = 'http://localhost:3000';
    assert.deepEqual(permissions(await call(service, '/v1/models', { headers: { origin } })), []);
    const asked = await call(service, CHAT, { method: 'OPTIONS', headers: { ...preflight, origin } });
    assert.deepEqual([asked.status, permissions(asked)], [405, []]);
  });

  test('a request without a Host is a 400, in HTTP/1.1', async () => {
    const connection = await RawConnection.open(service.url);
    const answer = await connection.send('GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n').closed();
    assert.match(answer, /^HTTP\/1\.1 400 [^]*"code":"missing_host"/);
  });

  for (const [what, path] of [
    ['an answer', '/v1/models'],
    ['an error', '/v1/models/none'],
    ['a health check', '/health/live'],
    ['a path that is not there', '/nothing'],
  ] as const) {
    test(`${what} is nothing to run, to embed, to guess at or to keep`, async () => {
      const { headers } = await call(service, path);
      assert.partialDeepStrictEqual(headers, {
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      });
      assert.match(headers['cache-control'] ?? '', /no-store/);
    });
  }

  for (const id of [
    '..',
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '....//etc',
    '%00',
    '..%5c..%5cetc',
    '%252e%252e%252f',
    '/etc/passwd',
    'file:%2f%2f%2fetc%2fpasswd',
    '__proto__',
    'constructor',
  ]) {
    // prettier-ignore
    test(`the id ${id} leads nowhere`, async () => {
      for (const method of ['GET', 'DELETE']) {
        const answer = await call(service, `/v1/models/${id}`, { method });
        assert.ok([400, 404, 405].includes(answer.status), `${answer.status} ${answer.text}`);
        assert.ok(!answer.text.includes('root:'));
        errorOf(answer);
      }
      const body = JSON.stringify({ model: decodeURIComponent(id), messages: [{ role: 'user', content: 'x' }] });
      const answer = await call(service, CHAT, { body });
      assert.deepEqual([answer.status, errorOf(answer).param], [404, 'model']);
    });
  }
});

describe('on loopback with keys', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({ AUTH__KEYS: keys, SERVER__ALLOWED_HOSTS: '["AI.example"]' });
  });
  afterAll(() => service.stop());
  const authorization = 'Bearer right-key';

  test('a name that was bound to this address is refused before the key is looked at', async () => {
    for (const headers of [{ host: 'evil.example' }, { host: 'evil.example', authorization }]) {
      const answer = await call(service, '/v1/models', { headers });
      assert.deepEqual([answer.status, errorOf(answer).code], [403, 'host_not_allowed']);
    }
  });

  test('a name that the operator gave is its own, for pages too', async () => {
    for (const host of ['ai.example', 'AI.EXAMPLE:443'])
      assert.equal((await call(service, '/v1/models', { headers: { host, authorization } })).status, 200);
    const headers = { host: 'ai.example', origin: 'https://ai.example', authorization };
    assert.equal((await call(service, '/v1/models', { headers })).status, 200);
  });
});

describe('on every address, for everybody', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({
      SERVER__HOST: '0.0.0.0',
      SERVER__ALLOWED_HOSTS: '["ai.example"]',
      AUTH__ALLOW_ANONYMOUS: 'true',
    });
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  test('a page is refused, by whatever name it came', async () => {
    for (const host of ['ai.example', 'evil.example', '192.0.2.1']) {
      const answer = await call(service, CHAT, { body: hello, headers: { host, origin: 'http://evil.example' } });
      assert.equal(answer.status, 403);
    }
  });

  test('once hosts are given, another name is refused, and an address, which nobody can bind, is not', async () => {
    for (const [host, status] of [
      ['evil.example', 403],
      ['ai.example', 200],
      ['192.0.2.1:8080', 200],
      ['[2001:db8::1]:8080', 200],
    ] as const)
      assert.equal((await call(service, '/v1/models', { headers: { host } })).status, status, host);
  });
});

describe('with CORS for one origin', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({
      AUTH__KEYS: keys,
      CORS__ENABLED: 'true',
      CORS__ALLOWED_ORIGINS: JSON.stringify([PAGE]),
      CORS__MAX_AGE_SECONDS: '60',
    });
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  test('its page is told what it may, before a key is asked for', async () => {
    const answer = await call(service, CHAT, { method: 'OPTIONS', headers: preflight });
    assert.equal(answer.status, 204);
    assert.partialDeepStrictEqual(answer.headers, {
      'access-control-allow-origin': PAGE,
      'access-control-allow-headers': preflight['access-control-request-headers'],
      'access-control-max-age': '60',
    });
    assert.ok(!('access-control-allow-credentials' in answer.headers));
    assert.match(answer.headers.vary ?? '', /Origin/i);
  });

  test('its page can read answers, streams and errors, and their headers', async () => {
    const headers = { origin: PAGE, authorization: 'Bearer right-key' };
    for (const answer of [
      await call(service, CHAT, { body: hello, headers }),
      await call(service, CHAT, { body: JSON.stringify({ ...JSON.parse(hello), stream: true }), headers }),
      await call(service, CHAT, { body: '{}', headers }),
      await call(service, CHAT, { body: hello, headers: { origin: PAGE } }),
    ]) {
      assert.equal(answer.headers['access-control-allow-origin'], PAGE);
      assert.match(String(answer.headers['access-control-expose-headers']), /x-request-id/);
    }
  });

  test('a page of another origin gets no permission, and without a key no answer', async () => {
    for (const origin of FOREIGN) {
      const asked = await call(service, CHAT, { method: 'OPTIONS', headers: { ...preflight, origin } });
      const answer = await call(service, CHAT, { body: hello, headers: { origin } });
      for (const { headers } of [asked, answer]) assert.ok(!('access-control-allow-origin' in headers));
      assert.equal(answer.status, 403);
    }
  });

  test('the key is still asked for', async () => {
    assert.equal((await call(service, CHAT, { body: hello, headers: { origin: PAGE } })).status, 401);
  });
});

describe('with CORS for applications and extensions', () => {
  const ORIGINS = [
    'app://obsidian.md',
    'chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh',
    'moz-extension://0b5ad4e2-8a3c-4b7e-9d53-2f1f3f0e7a11',
    'safari-web-extension://0B5AD4E2-8A3C-4B7E-9D53-2F1F3F0E7A11',
    'vscode-webview://1a2b3c',
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
  ];
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start({
      CORS__ENABLED: 'true',
      CORS__ALLOWED_ORIGINS: JSON.stringify(ORIGINS),
    });
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  for (const origin of ORIGINS) {
    test(`${origin} may ask and read`, async () => {
      const asked = await call(service, CHAT, { method: 'OPTIONS', headers: { ...preflight, origin } });
      assert.deepEqual([asked.status, asked.headers['access-control-allow-origin']], [204, origin]);
      const answer = await call(service, CHAT, { body: hello, headers: { origin } });
      assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, origin]);
    });
  }

  for (const origin of [
    'app://obsidian.md.evil',
    'app://evil',
    'chrome-extension://evil',
    'evil://localhost',
    'null',
  ]) {
    test(`${origin} may not`, async () => {
      const answer = await call(service, CHAT, { body: hello, headers: { origin } });
      assert.deepEqual([answer.status, errorOf(answer).code, permissions(answer)], [403, 'origin_not_allowed', []]);
      assert.equal(errorOf(answer).message, `Origin not allowed: ${origin}.`);
    });
  }
});

test('with CORS for any origin every page may ask, with a key', async () => {
  const service = await TestApplication.start({
    AUTH__KEYS: keys,
    CORS__ENABLED: 'true',
    CORS__ALLOWED_ORIGINS: '["*"]',
    CORS__ALLOWED_HEADERS: '["authorization"]',
  });
  const answer = await call(service, '/v1/models', { headers: { origin: 'null', authorization: 'Bearer right-key' } });
  assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, '*']);
  const asked = await call(service, CHAT, { method: 'OPTIONS', headers: preflight });
  assert.equal(asked.headers['access-control-allow-headers'], 'authorization');
  await service.stop();
});
