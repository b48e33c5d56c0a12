// Guarantee: what a request names is fetched before its turn begins, no longer than its client waits, and not at all where the
// model is not there.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { NEVER, of } from 'rxjs';
import { png } from '../support/media-samples.ts';
import { MediaServer } from '../support/media-server.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

let server: MediaServer;
let service: TestApplication;
beforeAll(async () => {
  server = await MediaServer.start();
  service = await TestApplication.start({ MEDIA__TRUSTED_ORIGINS: JSON.stringify([server.origin]) });
});
afterAll(async () => {
  await service.stop();
  await server.close();
});
afterEach(() => {
  service.pool.answer = NEVER;
  service.pool.turns.length = 0;
});

const ask = (url: string, more: object = {}): object => ({
  model: 'sonnet',
  messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  ...more,
});

test('a turn has the image that its request names', async () => {
  service.pool.answer = of<TurnEvent[]>({ type: 'start', model: MODEL }, finish());
  const response = await service.post(ask(server.serve('/image', png())));
  assert.equal(response.status, 200);
  await response.text();
  assert.deepEqual(
    service.pool.turns.map(({ message }) => message.content.map(({ type }) => type)),
    [['image']],
  );
});

test('a client that leaves ends the fetch, and no turn begins', async () => {
  const leaving = new AbortController();
  let closed: Promise<unknown> | undefined;
  const url = server.route('/slow', (_request, response) => {
    closed = once(response, 'close');
    leaving.abort();
  });
  await assert.rejects(service.post(ask(url), { signal: leaving.signal }), { name: 'AbortError' });
  await waitFor('the server to be asked', () => closed !== undefined);
  await closed;
  assert.equal(service.pool.turns.length, 0);
});

test('an image that cannot be fetched is refused as JSON, also where a stream was asked for', async () => {
  const response = await service.post(ask(`${server.origin}/missing`, { stream: true }));
  assert.equal(response.status, 400);
  const { error } = (await response.json()) as { error: { code: string; param: string } };
  assert.deepEqual([error.code, error.param], ['url_not_fetched', 'messages[0].content[0].image_url.url']);
});

test('for a model that is not there nothing is fetched', async () => {
  const before = server.requested.length;
  assert.equal((await service.post(ask(`${server.origin}/image`, { model: 'nobody' }))).status, 404);
  assert.equal(server.requested.length, before);
});
