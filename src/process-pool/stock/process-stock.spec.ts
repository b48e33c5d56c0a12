// Guarantee: the reserve of empty processes is refilled off the path of the request that took one.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, jest, test } from '@jest/globals';
import { fakeTimers } from '../../../test/support/fake-timers.ts';
import { FakeLauncher } from '../../../test/support/fake-launcher.ts';
import { plainProfile } from '../../claude-cli/transport/launch-options.ts';
import type { PlacementRules } from '../pool/placement.ts';
import { PoolFigures } from '../figures/pool-figures.ts';
import type { PooledProcess } from './pooled-process.ts';
import { ProcessStock } from './process-stock.ts';

let figures: PoolFigures;
let stock: ProcessStock;
beforeEach(async () => {
  fakeTimers(['setTimeout', 'setInterval']);
  figures = new PoolFigures();
  stock = stockWith({ canRecycle: true, isolateTenants: false });
  stock.keepWarm();
  await started(2);
});

function stockWith(rules: PlacementRules): ProcessStock {
  return new ProcessStock(
    new FakeLauncher(),
    {
      profile: plainProfile(true),
      reuse: 'recycle',
      maxProcesses: 4,
      size: 4,
      minIdle: 2,
      maxIdle: 4,
      maxTurns: 1000,
      maxAgeMs: 36_000_000,
      maxMemoryBytes: 2 ** 33,
      maxHeldMs: 3_600_000,
    },
    rules,
    figures,
    { onReady: () => undefined, onStartFailed: (error) => assert.fail(error), onEvent: () => undefined },
  );
}
afterEach(() => {
  stock.stop();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

test('the reserve grows in quiet moments', async () => {
  const wait = mockClock();
  putBack(takeOne());
  wait(0);
  await started(2);
  wait(1_100);
  await started(3);
});

test('in a pool that is never quiet the reserve grows by a process every half a minute', async () => {
  const wait = mockClock();
  takeOne();
  wait(25_000);
  await started(2);
  wait(5_100);
  await started(3);
});

test('where nobody could be served any more processes are started at once', async () => {
  takeOne();
  await started(2);
  takeOne();
  await started(4);
});

test('without room a conversation is taken back, when the request that took the process has had its time', async () => {
  await fill();
  takeOne();
  await turnsOfTheLoop();
  assert.equal(figures.rewinds, 0);
  jest.advanceTimersByTime(100);
  await turnsOfTheLoop();
  assert.equal(figures.rewinds, 1);
  assert.equal(stock.counts.empty, 2);
});

test('the last empty process is made up for at once', async () => {
  await fill();
  takeOne();
  takeOne();
  await turnsOfTheLoop();
  assert.equal(figures.rewinds, 2);
  assert.equal(stock.counts.empty, 2);
});

test('in a busy pool the conversation whose turn has just ended is not taken back, so that it can be continued', async () => {
  const taken = [takeOne(), takeOne()];
  await started(4);
  taken.push(takeOne(), takeOne());
  const [first, second] = taken;
  assert.ok(first && second);
  putBack(first);
  await turnsOfTheLoop();
  assert.deepEqual([stock.counts.live, figures.rewinds], [1, 0]);
  putBack(second);
  await turnsOfTheLoop();
  assert.deepEqual([stock.counts.live, first.isEmpty, figures.rewinds], [1, true, 1]);
});

test('a stock that was stopped takes nothing back later', async () => {
  await fill();
  takeOne();
  stock.stop();
  jest.advanceTimersByTime(1000);
  await turnsOfTheLoop();
  assert.equal(figures.rewinds, 0);
});

for (const [what, rules, left] of [
  ['of the same tenant', { canRecycle: true, isolateTenants: true }, 'empty'],
  ['that must not serve another one', { canRecycle: false, isolateTenants: false }, undefined],
] as const) {
  test(`a process ${what} does not hold its conversation for longer than the setting allows`, async () => {
    stock.stop();
    stock = stockWith(rules);
    stock.keepWarm();
    await started(4);
    const wait = mockClock();
    const taken = takeOne();
    putBack(taken);
    wait(3_599_000);
    await turnsOfTheLoop();
    assert.equal(taken.held.length, 1);
    wait(1_100);
    await turnsOfTheLoop();
    assert.equal(taken.isEmpty ? 'empty' : undefined, left);
    assert.equal(taken.state, left === 'empty' ? 'idle' : 'ending');
  });
}

/** Lets time pass, and the upkeep come round after it. */
function mockClock(): (milliseconds: number) => void {
  const now = performance.now.bind(performance);
  let laterMs = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + laterMs);
  return (milliseconds) => {
    laterMs += milliseconds;
    jest.advanceTimersByTime(5_000);
  };
}

/** Four processes, of which two hold a conversation that was used two seconds ago. */
async function fill(): Promise<void> {
  const taken = [takeOne(), takeOne()];
  await started(4);
  for (const process of taken) {
    putBack(process);
    process.lastUsedAt -= 2_000;
  }
  await turnsOfTheLoop();
  assert.deepEqual([stock.counts.empty, stock.counts.live, figures.rewinds], [2, 2, 0]);
}

function takeOne(): PooledProcess {
  const process = stock.idle.find(({ isEmpty }) => isEmpty);
  assert.ok(process);
  const { profile, profileKey } = process;
  process.take({ tenant: 'alice', profile, profileKey, systemKey: '', contextKey: '', digests: [] });
  stock.keepWarmLater();
  return process;
}

function putBack(process: PooledProcess): void {
  (process.held as string[]).push('a message');
  stock.putBack(process);
}

async function started(count: number): Promise<void> {
  await turnsOfTheLoop();
  assert.equal(figures.starts, count);
}

async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
