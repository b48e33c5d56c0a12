// Guarantee: a path means the same to every guard as to the router, however it is spelled, and what a client makes of a base
// URL is served or answered with what to change.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import * as fc from 'fast-check';
import { of } from 'rxjs';
import { call, errorOf, type Answer } from '../support/http-call.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

const hello = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] });
const oneAnswer = of<TurnEvent[]>({ type: 'start', model: MODEL }, { type: 'text-delta', text: 'one' }, finish());

describe('what clients make of a base URL', () => {
  let service: TestApplication;
  beforeAll(async () => {
    service = await TestApplication.start();
    service.pool.answer = oneAnswer;
  });
  afterAll(() => service.stop());

  for (const path of [
    '/v1/chat/completions',
    '/v1/chat/completions/',
    '//v1/chat/completions',
    '/v1//chat/completions',
    '/chat/completions',
    '/v1/v1/chat/completions',
    '/v1/chat/completions/chat/completions',
    '/V1/Chat/Completions?api-version=1',
  ]) {
    test(`a chat completion at ${path} is served`, async () => {
      const answer = await call(service, path, { body: hello });
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.text, /"content":"one"/);
    });
  }

  for (const path of ['/v1/models/', '//v1/models', '/models', '/v1/v1/models', '/v1/chat/completions/models']) {
    test(`the models at ${path} are served`, async () => {
      const { status, text } = await call(service, path);
      assert.equal(status, 200);
      assert.equal(text, (await call(service, '/v1/models')).text);
    });
  }

  test('a conversation is found under its id, with a slash or a segment too many', async () => {
    const { text } = await call(service, '//conversations/', { body: '{}' });
    const { id } = JSON.parse(text) as { id: string };
    for (const path of [`/v1/conversations/${id}/`, `/conversations/${id}`, `/v1/v1/conversations//${id}`])
      assert.equal((await call(service, path)).status, 200, path);
    assert.equal((await call(service, `/v1/conversations/${id}//Items/`)).status, 200);
    assert.equal((await call(service, `/v1/conversations/${id.toUpperCase()}`)).status, 404);
  });

  for (const path of ['/', '//', '/v1', '/v1/', '/V1//']) {
    test(`GET and HEAD of ${path} tell where the API is`, async () => {
      const answer = await call(service, path);
      assert.equal(answer.status, 200);
      assert.ok((JSON.parse(answer.text) as { endpoints: string[] }).endpoints.includes('POST /v1/chat/completions'));
      const head = await call(service, path, { method: 'HEAD' });
      assert.deepEqual([head.status, head.text], [200, '']);
    });

    test(`POST to ${path} is told where chat completions are`, async () => {
      const answer = await call(service, path, { body: hello });
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET']);
      assert.match(errorOf(answer).message, /Use POST \/v1\/chat\/completions/);
    });
  }

  for (const path of ['/api/v1/chat/completions', '/openai/v1/chat/completions', '/v1%2Fchat%2Fcompletions']) {
    test(`a chat completion at ${path} is a 404 that says where it is`, async () => {
      const answer = await call(service, path, { body: hello });
      assert.deepEqual([answer.status, errorOf(answer).code], [404, 'unknown_url']);
      const { message } = errorOf(answer);
      assert.ok(message.startsWith(`Invalid URL (POST ${path}). Use POST /v1/chat/completions`), message);
    });
  }

  for (const target of ['http://localhost/v1/models', 'http://[bad//v1/models', 'foo://bar/models#part']) {
    test(`the request line of a proxy with ${target} is served`, async () => {
      const connection = await RawConnection.open(service.url);
      const received = await connection
        .send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
        .closed();
      assert.match(received, /^HTTP\/1\.1 200 [^]*x-request-id: req_[^]*"object":"list"/i);
    });
  }

  test('what is not a path is a 404 in the shape of every other error', async () => {
    for (const target of ['foo://bar/x', '*', 'http://[bad']) {
      const connection = await RawConnection.open(service.url);
      const line = `PUT ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      assert.match(await connection.send(line).closed(), /^HTTP\/1\.1 40[45] [^]*x-request-id[^]*"error":\{/i, target);
    }
  });
});

/** Other spellings of a path, each of which some router might take for the same. */
const spellings: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      ['v1', 'models'],
      ['v1', 'models', 'sonnet'],
      ['v1', 'conversations'],
      ['v1', 'chat', 'completions'],
      ['models'],
      ['stats'],
      [],
    ),
    fc.constantFrom([], ['v1'], ['health'], ['health', '..'], ['health', 'live', '..', '..'], ['.'], ['%2e%2e'], ['x', '..']),
    fc.constantFrom('/', '//', '/./', '%2F', '%2f', '\\', '/;/', ';x/', '/%20/'),
    fc.infiniteStream(fc.nat(9)),
  )
  .map(([path, front, separator, choices]) => {
    const choose = (): number => (choices.next().value as number | undefined) ?? 0;
    const spell = (segment: string): string =>
      segment.replaceAll(/./g, (letter) => {
        const choice = choose();
        if (choice === 0) return letter.toUpperCase();
        return choice === 1 ? `%${letter.charCodeAt(0).toString(16)}` : letter;
      });
    const spelled = [...front, ...path].map((segment) => (choose() < 3 ? spell(segment) : segment));
    const joined = spelled.reduce((left, right) => left + (choose() < 4 ? separator : '/') + right, '');
    const behind = ['', '', '/', '//', '?x', '#x', '/#/health', '?/health/live', ';/health', '%00'][choose()] ?? '';
    const target = `${joined === '' ? '/' : joined}${behind}`;
    return choose() === 0 ? `http://localhost${target}` : target;
  }); // prettier-ignore

const isOf = (path: string, answer: Answer): boolean =>
  answer.status === 200 && answer.text.startsWith({ health: '{"status"', stats: '{"', root: '{"name"' }[path] ?? '');

/** What is no path is not even HTTP. */
const isNowhere = ({ status }: Answer): boolean => status === 404 || status === 400;

describe('a path in any spelling', () => {
  const key = createHash('sha256').update('right-key').digest('hex');
  const authorization = 'Bearer right-key';
  let service: TestApplication;
  let isDraining = false;
  beforeAll(async () => {
    service = await TestApplication.start({
      AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256: key, requests_per_minute: 1_000_000, admin: true }]),
    });
    service.pool.answer = oneAnswer;
    const status = service.pool.status();
    service.pool.status = () => ({ ...status, state: isDraining ? 'draining' : 'ready' });
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    isDraining = false;
  });

  const each = (check: (path: string) => Promise<void>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(fc.array(spellings, { minLength: 20, maxLength: 20 }), async (paths) => {
        await Promise.all(paths.map(check));
      }),
      { numRuns: 100 },
    );

  test('gets nothing without a key but health checks', async () => {
    let refused = 0;
    await each(async (path) => {
      const answer = await call(service, path);
      if (answer.status === 401) refused += 1;
      else if (answer.status === 200) assert.ok(isOf('health', answer), `${path}: ${answer.text}`);
      else assert.ok(isNowhere(answer), path);
    });
    assert.ok(refused > 1000, `${refused} refused`);
  });

  test('counts against the limit wherever it leads into the API', async () => {
    let counted = 0;
    await each(async (path) => {
      const answer = await call(service, path, { headers: { authorization } });
      const isCounted = 'x-ratelimit-remaining-requests' in answer.headers;
      if (isCounted) counted += 1;
      else if (answer.status === 200)
        assert.ok(isOf('health', answer) || isOf('root', answer) || /"since_start"/.test(answer.text), `${path}: ${answer.text}`); // prettier-ignore
      else assert.ok(isNowhere(answer), path);
    });
    assert.ok(counted > 100, `${counted} counted`);
  });

  test('is refused while the service drains wherever it leads into the API', async () => {
    isDraining = true;
    let refused = 0;
    await each(async (path) => {
      const answer = await call(service, path, { headers: { authorization } });
      if (answer.text.includes('"draining"')) refused += 1;
      else if (answer.status === 200)
        assert.ok(isOf('root', answer) || /"since_start"|"status":"ok"/.test(answer.text), `${path}: ${answer.text}`); // prettier-ignore
      else assert.ok(isNowhere(answer), path);
    });
    assert.ok(refused > 100, `${refused} refused`);
  });
});
