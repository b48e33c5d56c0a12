// Guarantee: the API on loopback gives everybody the same answer, and keeps little of what others send to its port.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { afterThisTest } from '../../../test/support/after-this-test.ts';
import { LoopbackApi } from './loopback-api.ts';

test('every request gets one short answer that costs nothing', async () => {
  const bodies: string[] = [];
  const api = await LoopbackApi.start((body) => bodies.push(body));
  afterThisTest(() => api.close());
  const answer = await fetch(`${api.url}/v1/messages`, { method: 'POST', body: '{"a":1}' });
  assert.match(await answer.text(), /"output_tokens":0.*event: message_stop/s);
  assert.deepEqual(bodies, ['{"a":1}']);
});

test('a body beyond the bound is cut off', async () => {
  const bodies: string[] = [];
  const api = await LoopbackApi.start((body) => bodies.push(body));
  afterThisTest(() => api.close());
  await assert.rejects(fetch(api.url, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) }));
  assert.deepEqual(bodies, []);
});
