// Guarantee: connections that were closed because there are too many are told of, and a flood of them does not flood the log.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { jest, test } from '@jest/globals';
import { afterThisTest } from '../../../test/support/after-this-test.ts';
import { fakeTimers } from '../../../test/support/fake-timers.ts';
import { logDroppedConnections } from './log-dropped-connections.ts';

test('the first is told of at once, the others by their number', () => {
  fakeTimers(['setTimeout']);
  afterThisTest(() => jest.useRealTimers());
  const counts: unknown[] = [];
  const server = createServer();
  logDroppedConnections(server, { warn: ({ dropped }) => void counts.push(dropped) });
  for (let count = 0; count < 100; count += 1) server.emit('drop');
  assert.deepEqual(counts, [1]);
  jest.advanceTimersByTime(10_000);
  assert.deepEqual(counts, [1, 99]);
  jest.advanceTimersByTime(20_000);
  assert.deepEqual(counts, [1, 99]);
  server.emit('drop');
  assert.deepEqual(counts, [1, 99, 1]);
});
