// Guarantee: starts slow down while each fails, and not because many processes were ended at once.
import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import { RestartBackoff } from './restart-backoff.ts';

let now: number;
let backoff: RestartBackoff;
beforeEach(() => {
  now = 1000;
  backoff = new RestartBackoff(() => now);
});

test('each failure after a new try doubles the pause, up to half a minute, and a success ends it', () => {
  const pauses: number[] = [];
  for (let failures = 0; failures < 9; failures += 1) {
    backoff.noteFailure();
    pauses.push(backoff.remainingMs);
    now += backoff.remainingMs;
  }
  assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  backoff.noteSuccess();
  assert.equal(backoff.remainingMs, 0);
});

test('processes that end together are one failure', () => {
  for (let processes = 0; processes < 10; processes += 1) backoff.noteFailure();
  assert.equal(backoff.remainingMs, 250);
});
