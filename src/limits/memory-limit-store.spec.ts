// Guarantee: a minute's counts end with it, a place is taken by one at a time, and what a day has cost outlives the
// process.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, jest, test } from '@jest/globals';
import { fakeTimers } from '../../test/support/fake-timers.ts';
import type { Logger } from '../common/logging/logger.ts';
import { MemoryLimitStore } from './memory-limit-store.ts';

let directory: string;
let problems: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'limits-test-'));
  problems = [];
  fakeTimers(['Date', 'setTimeout'], Date.UTC(2026, 10, 26, 23, 59, 30));
});
afterEach(() => {
  jest.useRealTimers();
  rmSync(directory, { recursive: true });
});

function store(path = directory): MemoryLimitStore {
  const logger = { error: (_fields: object, message: string) => problems.push(message) };
  return new MemoryLimitStore({ path }, logger as unknown as Logger);
}
const DAY = '2026-11-26';

test('a minute begins with what is added first and ends with all that was added in it', async () => {
  const minutes = store();
  assert.deepEqual(await minutes.addToMinute('a', 0), { used: 0, resetMs: 0 });
  assert.deepEqual(await minutes.addToMinute('a', 5), { used: 5, resetMs: 60_000 });
  jest.advanceTimersByTime(45_000);
  assert.deepEqual(await minutes.addToMinute('a', 2), { used: 7, resetMs: 15_000 });
  assert.deepEqual(await minutes.addToMinute('b', 1), { used: 1, resetMs: 60_000 });
  assert.deepEqual(await minutes.addToMinute('a', -3), { used: 4, resetMs: 15_000 });
  assert.deepEqual(await minutes.addToMinute('a', 0), { used: 4, resetMs: 15_000 });
  jest.advanceTimersByTime(15_000);
  assert.deepEqual(await minutes.addToMinute('a', 0), { used: 0, resetMs: 0 });
  assert.deepEqual(await minutes.addToMinute('a', 1), { used: 1, resetMs: 60_000 });
});

test('no more places are taken than there are, and each is taken again once it was given back', async () => {
  const places = store();
  const taken = await Promise.all(Array.from({ length: 10 }, () => places.enter('a', 3)));
  assert.equal(taken.filter(Boolean).length, 3);
  assert.ok(await places.enter('b', 1));
  await places.leave('a');
  assert.deepEqual([await places.enter('a', 3), await places.enter('a', 3)], [true, false]);
});

test('what a day has cost is on disk a second later, and is known after another start', async () => {
  const first = store();
  await first.addToDay('a', DAY, 0.25);
  await first.addToDay('a', DAY, 0.5);
  await first.addToDay('b', DAY, 1);
  jest.advanceTimersByTime(1_000);
  // As after a SIGKILL: nothing was closed.
  const second = store();
  assert.deepEqual([await second.addToDay('a', DAY, 0), await second.addToDay('b', DAY, 0)], [0.75, 1]);
  assert.equal(statSync(join(directory, 'spending.json')).mode & 0o777, 0o600);
});

test('an orderly end loses nothing, not even what is counted after it', async () => {
  const first = store();
  await first.addToDay('a', DAY, 1);
  first.onApplicationShutdown();
  assert.equal(await store().addToDay('a', DAY, 0), 1);
  await first.addToDay('a', DAY, 1);
  assert.equal(await store().addToDay('a', DAY, 0), 2);
});

test('another day begins at nothing', async () => {
  const days = store();
  await days.addToDay('a', DAY, 3);
  assert.equal(await days.addToDay('a', '2026-11-27', 0), 0);
  assert.equal(await days.addToDay('a', '2026-11-27', 0.5), 0.5);
  days.onApplicationShutdown();
  assert.equal(await store().addToDay('a', '2026-11-27', 0), 0.5);
});

test('a thousand changes are written once', async () => {
  const days = store();
  for (let cents = 0; cents < 1000; cents += 1) await days.addToDay('a', DAY, 0.01);
  assert.throws(() => readFileSync(join(directory, 'spending.json')));
  jest.advanceTimersByTime(1_000);
  const { mtimeMs } = statSync(join(directory, 'spending.json'));
  jest.advanceTimersByTime(60_000);
  assert.equal(statSync(join(directory, 'spending.json')).mtimeMs, mtimeMs);
});

test('a file that is damaged is told of, and counting begins anew', async () => {
  writeFileSync(join(directory, 'spending.json'), '{"day":');
  const days = store();
  assert.equal(problems.length, 1);
  assert.equal(await days.addToDay('a', DAY, 1), 1);
});

test('where nothing can be written it counts all the same, and says so', async () => {
  writeFileSync(join(directory, 'file'), '');
  const days = store(join(directory, 'file'));
  await days.addToDay('a', DAY, 1);
  jest.advanceTimersByTime(1_000);
  assert.ok(problems.length > 0);
  assert.equal(await days.addToDay('a', DAY, 1), 2);
});
