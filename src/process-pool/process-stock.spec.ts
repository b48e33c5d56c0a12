// Guarantee: the reserve of empty processes is refilled off the path of the request that took one, unless it was the last.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { NEVER } from 'rxjs';
import { NOTHING_SPENT } from '../claude-cli/spending.ts';
import { PoolFigures } from './pool-figures.ts';
import { ProcessStock } from './process-stock.ts';
import type { Session } from './session.ts';

const profile = {
  lean: true,
  builtInTools: [],
  directories: [],
  mcpStrict: true,
  mcpDebug: false,
  grantPermissions: false,
};

let figures: PoolFigures;
let stock: ProcessStock;
beforeEach(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  figures = new PoolFigures();
  stock = new ProcessStock(
    { launch: () => idleSession() },
    {
      profile,
      reuse: 'recycle',
      maxProcesses: 4,
      size: 4,
      minIdle: 2,
      maxIdle: 4,
      maxTurns: 1000,
      maxAgeMs: 3_600_000,
      maxMemoryBytes: 2 ** 33,
      maxHeldMs: 3_600_000,
    },
    { canRecycle: true, isolateTenants: false },
    figures,
    { onReady: () => undefined, onStartFailed: (error) => assert.fail(error), onEvent: () => undefined },
  );
  stock.keepWarm();
  await started(2);
});
afterEach(() => {
  stock.stop();
  mock.timers.reset();
});

test('a request that takes an empty process while another one is there has the processor for itself at first', async () => {
  takeOne();
  await turnsOfTheLoop();
  assert.equal(figures.starts, 2);
  mock.timers.tick(100);
  await started(3);
});

test('the last empty process is made up for at once', async () => {
  takeOne();
  takeOne();
  await started(4);
});

test('a stock that was stopped starts nothing later', async () => {
  takeOne();
  stock.stop();
  mock.timers.tick(1000);
  await turnsOfTheLoop();
  assert.equal(figures.starts, 2);
});

function takeOne(): void {
  const [process] = stock.idle;
  assert.ok(process);
  process.take({ tenant: 'alice', profileKey: process.profileKey, systemKey: '', contextKey: '', digests: [] });
  stock.keepWarmLater();
}

async function started(count: number): Promise<void> {
  await turnsOfTheLoop();
  assert.equal(figures.starts, count);
}

async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

/** Is ready at once and holds nothing. */
function idleSession(): Session {
  const end = { exitCode: 0, signal: null, stderrTail: '' };
  return {
    pid: undefined,
    ended: new Promise(() => undefined),
    hasEnded: false,
    held: [],
    heldContext: '',
    spent: NOTHING_SPENT,
    initialize: () => Promise.resolve({ models: [], account: {} } as never),
    run: () => NEVER,
    settle: () => Promise.resolve(),
    keepable: () => 0,
    rewindTo: () => Promise.resolve(),
    isLoginAccepted: () => Promise.resolve(true),
    end: () => Promise.resolve(end),
    kill: () => Promise.resolve(end),
  };
}
