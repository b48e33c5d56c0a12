// Guarantee: the cache never exceeds its bounds, expires its values, and no tenant evicts the values of one that holds less.
import assert from 'node:assert/strict';
import { afterEach, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fakeTimers } from '../../test/support/fake-timers.ts';
import { TenantCache } from './tenant-cache.ts';

afterEach(() => void jest.useRealTimers());

const TTL_MS = 60_000;
const keysOf = (cache: TenantCache<object>, tenant: string, keys: readonly string[]): string[] =>
  keys.filter((key) => cache.get(tenant, key) !== undefined);

test('a value belongs to its tenant', () => {
  const cache = new TenantCache<object>({ maxBytes: 100, ttlMs: TTL_MS });
  const value = {};
  cache.set('alice', 'a', value, 1);
  assert.equal(cache.get('alice', 'a'), value);
  assert.equal(cache.get('bob', 'a'), undefined);
  assert.equal(cache.delete('bob', 'a'), false);
  assert.equal(cache.delete('alice', 'a'), true);
  assert.deepEqual([cache.get('alice', 'a'), cache.count, cache.bytes], [undefined, 0, 0]);
});

for (const [what, options, bytes] of [
  ['number', { maxBytes: 1_000_000, maxEntries: 10, ttlMs: TTL_MS }, 1],
  ['size', { maxBytes: 100, ttlMs: TTL_MS }, 10],
] as const) {
  test(`a flood of one tenant leaves the values of another (bounded by ${what})`, () => {
    const cache = new TenantCache<object>(options);
    const own = ['a', 'b', 'c'];
    for (const key of own) cache.set('alice', key, {}, bytes);
    for (let index = 0; index < 1000; index += 1) cache.set('bob', String(index), {}, bytes);
    assert.deepEqual(keysOf(cache, 'alice', own), own);
    assert.equal(cache.count, 10);
    assert.deepEqual(keysOf(cache, 'bob', ['0', '992', '993', '999']), ['993', '999']);
    assert.equal(cache.evictionCount, 993);
  });

  test(`a tenant alone may use everything, and gives half of it back to a second one (bounded by ${what})`, () => {
    const cache = new TenantCache<object>(options);
    const keys = Array.from({ length: 10 }, (_value, index) => String(index));
    for (const key of keys) cache.set('alice', key, {}, bytes);
    assert.equal(keysOf(cache, 'alice', keys).length, 10);
    for (const key of keys) cache.set('bob', key, {}, bytes);
    assert.deepEqual([keysOf(cache, 'alice', keys).length, keysOf(cache, 'bob', keys).length], [5, 5]);
    assert.deepEqual(keysOf(cache, 'alice', keys), ['5', '6', '7', '8', '9']);
  });
}

test('a value that was used lately outlives others of its tenant', () => {
  const cache = new TenantCache<object>({ maxBytes: 1000, maxEntries: 2, ttlMs: TTL_MS });
  for (const key of ['a', 'b']) cache.set('alice', key, {}, 1);
  cache.get('alice', 'a');
  cache.set('alice', 'c', {}, 1);
  assert.deepEqual(keysOf(cache, 'alice', ['a', 'b', 'c']), ['a', 'c']);
});

test('one large value of a tenant does not evict many of another, and one beyond the bound is not kept', () => {
  const cache = new TenantCache<object>({ maxBytes: 100, ttlMs: TTL_MS });
  const own = ['a', 'b', 'c'];
  for (const key of own) cache.set('alice', key, {}, 10);
  cache.set('bob', 'large', {}, 90);
  assert.deepEqual(keysOf(cache, 'alice', own), own);
  cache.set('alice', 'a', {}, 101);
  assert.deepEqual(keysOf(cache, 'alice', own), ['b', 'c']);
});

test('a value expires by itself, and takes no room then', () => {
  fakeTimers(['setTimeout', 'Date']);
  let clock = 1000;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => clock);
  const cache = new TenantCache<object>({ maxBytes: 100, ttlMs: 1000 });
  cache.set('alice', 'a', {}, 10);
  clock += 1500;
  jest.advanceTimersByTime(1500);
  assert.deepEqual([cache.get('alice', 'a'), cache.count, cache.bytes], [undefined, 0, 0]);
  now.mockRestore();
});

test('whatever is set, the bounds hold, and a tenant that holds less than its share loses nothing', () => {
  const set = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c', 'd'),
    key: fc.nat(20).map(String),
    bytes: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(set, { maxLength: 100 }), (sets) => {
      const cache = new TenantCache<object>({ maxBytes: 100, maxEntries: 12, ttlMs: TTL_MS });
      const last = new Map<string, number>();
      for (const { tenant, key, bytes } of sets) {
        cache.set(tenant, key, {}, bytes);
        last.set(`${tenant} ${key}`, bytes);
        assert.ok(cache.bytes <= 100 && cache.count <= 12);
        assert.ok(cache.count > 0);
      }
      for (const tenant of ['a', 'b', 'c', 'd']) {
        const own = [...last].filter(([name]) => name.startsWith(`${tenant} `));
        const total = own.reduce((sum, [, bytes]) => sum + bytes, 0);
        if (total > 25 || own.length > 3) continue;
        // Values that were replaced may have been larger for a while.
        if (sets.some((one) => one.tenant === tenant && one.bytes !== last.get(`${tenant} ${one.key}`))) continue;
        for (const [name] of own) assert.ok(cache.get(tenant, name.slice(2)));
      }
      cache.clear();
      assert.deepEqual([cache.count, cache.bytes], [0, 0]);
    }),
  );
});
