// Guarantee: what was fetched is not fetched again while it is kept, what is kept is bounded, and a fetch is shared by those who
// want it at the same time without one of them ending it for the others.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { MediaCache, type MediaSource } from './media-cache.ts';
import type { Media } from './media-block.ts';

const media = (bytes = 30): Media => ({ block: { type: 'image', source: { type: 'url', url: 'x' } }, bytes });
const at = (url: string, tenant = 'alice'): MediaSource => ({ tenant, url });
const never = (): AbortSignal => new AbortController().signal;

/** A load that is ended by hand. */
function load(): {
  run: (signal: AbortSignal) => Promise<Media>;
  give: (media: Media) => void;
  fail: (error: Error) => void;
  signals: AbortSignal[];
} {
  const signals: AbortSignal[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Media>();
  return {
    run: (signal) => {
      signals.push(signal);
      return promise;
    },
    give: resolve,
    fail: reject,
    signals,
  };
}

test('it is loaded once, for those who ask at the same time and for those who ask later', async () => {
  const cache = new MediaCache({ maxBytes: 1000, maxAgeMs: 60_000 });
  const { run, give, signals } = load();
  const both = Promise.all([cache.get(at('a'), run, never()), cache.get(at('a'), run, never())]);
  const given = media();
  give(given);
  assert.deepEqual(await both, [given, given]);
  assert.equal(await cache.get(at('a'), run, never()), given);
  assert.equal(signals.length, 1);
  assert.equal(await cache.get(at('b'), async () => media(1), never()).then(({ bytes }) => bytes), 1);
});

test('a failure is told to all and not kept', async () => {
  const cache = new MediaCache({ maxBytes: 1000, maxAgeMs: 60_000 });
  const { run, fail } = load();
  const both = Promise.allSettled([cache.get(at('a'), run, never()), cache.get(at('a'), run, never())]);
  fail(new Error('broken'));
  assert.deepEqual(
    (await both).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal((await cache.get(at('a'), async () => media(7), never())).bytes, 7);
});

test('one who leaves is let go at once; the last one who leaves ends the load', async () => {
  const cache = new MediaCache({ maxBytes: 1000, maxAgeMs: 60_000 });
  const { run, signals } = load();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [cache.get(at('a'), run, first.signal), cache.get(at('a'), run, second.signal)];
  first.abort(new Error('first left'));
  await assert.rejects(waiting[0]!, { message: 'first left' });
  assert.equal(signals[0]?.aborted, false);
  second.abort(new Error('second left'));
  await assert.rejects(waiting[1]!, { message: 'second left' });
  assert.equal(signals[0]?.aborted, true);
  assert.equal((await cache.get(at('a'), async () => media(7), never())).bytes, 7, 'a new load begins');
});

test('what is kept is bounded by its size in base64, the oldest goes first', async () => {
  const cache = new MediaCache({ maxBytes: 100, maxAgeMs: 60_000 });
  const loaded: string[] = [];
  const get = (key: string, bytes: number): Promise<Media> =>
    cache.get(at(key), async () => (loaded.push(key), media(bytes)), never());
  await get('a', 30);
  await get('b', 30);
  await get('a', 30);
  await get('c', 30);
  await get('b', 30);
  assert.deepEqual(loaded, ['a', 'b', 'c', 'b']);
  await get('huge', 1000);
  await get('huge', 1000);
  assert.deepEqual(loaded.slice(4), ['huge', 'huge']);
});

test('a cache of no size keeps nothing', async () => {
  const cache = new MediaCache({ maxBytes: 0, maxAgeMs: 60_000 });
  let loads = 0;
  for (let round = 0; round < 2; round += 1) await cache.get(at('a'), async () => (loads++, media()), never());
  assert.equal(loads, 2);
});

test('a tenant neither gets what another has fetched nor takes its room', async () => {
  const cache = new MediaCache({ maxBytes: 200, maxAgeMs: 60_000 });
  const loaded: string[] = [];
  const get = (url: string, tenant: string): Promise<Media> =>
    cache.get(at(url, tenant), async () => (loaded.push(`${tenant} ${url}`), media()), never());
  await get('a', 'alice');
  for (const url of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await get(url, 'bob');
  assert.equal(loaded[1], 'bob a');
  await get('a', 'alice');
  assert.equal(loaded.length, 9);
});
