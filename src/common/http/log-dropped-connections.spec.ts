// Guarantee: connections that were closed because there are too many are told of, and a flood of them does not flood the log.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { logDroppedConnections } from './log-dropped-connections.ts';

test('the first is told of at once, the others by their number', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const counts: unknown[] = [];
  const server = createServer();
  logDroppedConnections(server, { warn: ({ dropped }) => void counts.push(dropped) });
  for (let count = 0; count < 100; count += 1) server.emit('drop');
  assert.deepEqual(counts, [1]);
  context.mock.timers.tick(10_000);
  assert.deepEqual(counts, [1, 99]);
  context.mock.timers.tick(20_000);
  assert.deepEqual(counts, [1, 99]);
  server.emit('drop');
  assert.deepEqual(counts, [1, 99, 1]);
});
