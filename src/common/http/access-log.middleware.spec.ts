// Guarantee: each request is told of once, when it is over and as it ended, without anything that it said.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, jest, test } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import { afterThisTest } from '../../../test/support/after-this-test.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import type { Logger } from '../logging/logger.ts';
import { AccessLogMiddleware, type EndedRequest } from './access-log.middleware.ts';
import { CanonicalUrlMiddleware } from './canonical-url.middleware.ts';
import { requestContext } from './request-context.ts';

type Line = Readonly<Record<string, unknown>>;

const lines: { level: string; fields: Line }[] = [];
const ended: EndedRequest[] = [];
let began = 0;
afterEach(() => {
  lines.length = 0;
  ended.length = 0;
  began = 0;
});

const write =
  (level: string) =>
  (fields: Line): void =>
    void lines.push({ level, fields });
const logger = { info: write('info'), debug: write('debug'), error: write('error') } as unknown as Logger;
const observer = { began: () => (began += 1), ended: (request: EndedRequest) => ended.push(request) };

/** Serves one handler at /things/:id and at /health. */
async function serve(handler: RequestHandler, trusted: string[] = []): Promise<string> {
  const canonicalUrl = new CanonicalUrlMiddleware();
  const accessLog = new AccessLogMiddleware(logger, observer);
  const server = express()
    .set('trust proxy', trusted)
    .use(canonicalUrl.use.bind(canonicalUrl), accessLog.use.bind(accessLog))
    .all('/things/:id', handler)
    .get('/health/live', handler)
    .listen(0, '127.0.0.1');
  afterThisTest(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a line says whose request it was and how it ended, and nothing that it carried', async () => {
  const url = await serve((request, response) => {
    requestContext(request).tenant = 'alice';
    response.status(201).send('SECRET');
  });
  await fetch(`${url}/things/1?key=SECRET`, {
    method: 'POST',
    body: 'SECRET',
    headers: { 'x-request-id': 'id-1', authorization: 'Bearer SECRET' },
  });
  await waitFor('the line', () => lines.length > 0);
  assert.equal(lines.length, 1);
  const { level, fields } = lines[0]!;
  const { totalMs, ...rest } = fields;
  assert.equal(level, 'info');
  assert.ok(Number.isInteger(totalMs));
  assert.deepEqual(rest, {
    requestId: 'id-1',
    client: '127.0.0.1',
    key: 'alice',
    method: 'POST',
    path: '/things/1',
    status: 201,
    outcome: 'ok',
  });
  assert.ok(!JSON.stringify(lines).includes('SECRET'));
});

test('what an answer took is in its line', async () => {
  const answer = {
    model: 'claude-sonnet-4-5',
    finishReason: 'stop',
    tier: 'live',
    queueMs: 1,
    firstTokenMs: 2,
    promptTokens: 3,
    cachedTokens: 4,
    completionTokens: 5,
    reasoningTokens: 6,
    costUsd: 0.1,
  };
  const url = await serve((request, response) => {
    requestContext(request).answer = answer;
    response.end();
  });
  await fetch(`${url}/things/1`);
  await waitFor('the line', () => lines.length > 0);
  assert.partialDeepStrictEqual(lines[0]!.fields, answer);
});

test('the figures name the route, so that ids do not fill the memory', async () => {
  const url = await serve((_request, response) => void response.end());
  await fetch(`${url}/things/1`);
  await fetch(`${url}/other/1`);
  await waitFor('both', () => ended.length === 2);
  assert.deepEqual(
    ended.map(({ route, outcome }) => [route, outcome]),
    [
      ['/things/:id', 'ok'],
      ['unknown', '404'],
    ],
  );
  assert.equal(began, 2);
});

test('a client that leaves before the end is told of as such', async () => {
  const url = await serve((_request, response) => void response.write('half'));
  const client = new AbortController();
  const response = await fetch(`${url}/things/1`, { signal: client.signal });
  client.abort();
  await assert.rejects(response.text(), { name: 'AbortError' });
  await waitFor('the line', () => lines.length > 0);
  assert.equal(lines[0]!.fields['outcome'], 'cancelled');
  assert.equal(ended[0]?.outcome, 'cancelled');
});

test('an error in an answer that began well is its outcome', async () => {
  const url = await serve((request, response) => {
    requestContext(request).outcome = 'cli_failed';
    response.status(200).end('data');
  });
  await fetch(`${url}/things/1`);
  await waitFor('the line', () => lines.length > 0);
  assert.equal(lines[0]!.fields['outcome'], 'cli_failed');
});

test('a path that was spelled in another way is logged both ways', async () => {
  const url = await serve((_request, response) => void response.send('ok'));
  await fetch(`${url}//things//1/?key=SECRET`);
  await waitFor('the line', () => lines.length > 0);
  assert.partialDeepStrictEqual(lines[0]?.fields, { path: '/things/1', sentPath: '//things//1/' });
});

test('health checks are told of at debug only', async () => {
  const url = await serve((_request, response) => void response.end());
  await fetch(`${url}/health/live`);
  await waitFor('the line', () => lines.length > 0);
  assert.equal(lines[0]!.level, 'debug');
});

test("a client's address is the proxy's word for it only where the proxy is trusted", async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' };
  for (const [trusted, client] of [
    [[], '127.0.0.1'],
    [['loopback'], '192.0.2.7'],
    [['loopback', '192.0.2.0/24'], '203.0.113.9'],
    [['10.0.0.0/8'], '127.0.0.1'],
  ] as const) {
    lines.length = 0;
    const url = await serve((_request, response) => void response.end(), [...trusted]);
    await fetch(`${url}/things/1`, { headers });
    await waitFor('the line', () => lines.length > 0);
    assert.equal(lines[0]!.fields['client'], client);
  }
});

test('a client that was cut off is told of with the reason', async () => {
  const url = await serve((request, response) => {
    requestContext(request).cut = 'slow_reader';
    response.write('half', () => response.destroy());
  });
  await assert.rejects(fetch(`${url}/things/1`).then((response) => response.text()));
  await waitFor('the line', () => lines.length > 0);
  assert.equal(lines[0]!.fields['outcome'], 'slow_reader');
});

test('an observer that throws costs neither the answer nor the line', async () => {
  const url = await serve((_request, response) => void response.send('ok'));
  const failure = new Error('no figures');
  const ended = jest.spyOn(observer, 'ended').mockImplementation(() => {
    throw failure;
  });
  afterThisTest(() => ended.mockRestore());
  assert.equal((await fetch(`${url}/things/1`)).status, 200);
  await waitFor('the line', () => lines.length === 2);
  assert.deepEqual(lines.map(({ level }) => level), ['error', 'info']); // prettier-ignore
  assert.equal(lines[0]?.fields['error'], failure);
});
