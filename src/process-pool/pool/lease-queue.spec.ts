// Guarantee: in order within a tenant, in rotation between tenants.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { LeaseQueue } from './lease-queue.ts';

test('a tenant with many requests does not hold up one with few', () => {
  const queue = new LeaseQueue<{ tenant: string; name: string }>(10);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add({ tenant: name.charAt(0), name });
  const served: string[] = [];
  while (queue.length > 0) {
    const next = queue.heads()[0]!;
    queue.serve(next);
    served.push(next.name);
  }
  assert.deepEqual(served, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('it is bounded, and whoever leaves makes room', () => {
  const queue = new LeaseQueue<{ tenant: string }>(2);
  const first = { tenant: 'a' };
  queue.add(first);
  queue.add({ tenant: 'a' });
  assert.equal(queue.isFull, true);
  assert.equal(queue.remove(first), true);
  assert.equal(queue.remove(first), false);
  assert.equal(queue.isFull, false);
});
