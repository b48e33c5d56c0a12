// Guarantee: whoever waits gets a process in turn, no more is ended for it than it needs, and what has begun is not sent away.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, jest, test } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { fakeTimers } from '../../../test/support/fake-timers.ts';
import { turnOf } from '../../../test/support/cli-session.ts';
import { FakeLauncher } from '../../../test/support/fake-launcher.ts';
import { plainProfile, type Profile } from '../../claude-cli/transport/launch-options.ts';
import { ProcessPool, type ProcessPoolOptions } from './process-pool.ts';

const options: ProcessPoolOptions = {
  profile: plainProfile(true),
  reuse: 'recycle',
  isolateTenants: false,
  maxProcesses: 4,
  size: 4,
  minIdle: 1,
  maxIdle: 4,
  maxTurns: 10_000,
  maxAgeMs: 2 ** 40,
  maxMemoryBytes: 2 ** 33,
  maxHeldMs: 2 ** 40,
  queueSize: 100,
  queueTimeoutMs: 60_000,
  turnTimeoutMs: 600_000,
  maxCutRetries: 2,
};

let launcher: FakeLauncher;
let pool: ProcessPool;
let clock: number;
beforeEach(() => {
  clock = 1_000;
  fakeTimers(['setTimeout', 'setInterval']);
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(async () => {
  const ended = pool.end();
  await pass(10_000);
  await ended;
  jest.useRealTimers();
  jest.restoreAllMocks();
});

function open(more: Partial<ProcessPoolOptions> = {}, endMs = 0): void {
  launcher = new FakeLauncher(endMs);
  pool = new ProcessPool(launcher, { ...options, ...more });
  pool.open();
}

let asked = 0;
/** `answered`, or the code of the error; each asks something of its own. */
function ask(
  tenant: string,
  more: { readonly isAdmitted?: boolean; readonly profile?: Profile } = {},
): Promise<string> {
  return lastValueFrom(pool.run(turnOf([`question ${(asked += 1)}`]), { tenant, ...more })).then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );
}

/** Lets everything happen that takes no time. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await nextTurn();
    jest.advanceTimersByTime(0);
  }
}

async function pass(milliseconds: number): Promise<void> {
  await settled();
  for (let rest = milliseconds; rest > 0; rest -= 100) {
    clock += 100;
    jest.advanceTimersByTime(100);
    await nextTurn();
  }
  await settled();
}

async function answerAll(): Promise<void> {
  for (const session of launcher.running) session.answer();
  await settled();
}

test('a key gets its turn though another one keeps every process busy that was its own', async () => {
  open({ isolateTenants: true });
  const busy = { stops: false };
  const keepAsking = async (): Promise<void> => {
    while (!busy.stops && (await ask('busy')) === 'answered');
  };
  const askers = Array.from({ length: 6 }, keepAsking);
  await settled();
  const other = ask('other');
  let outcome = 'waiting';
  void other.then((told) => (outcome = told));
  for (let round = 0; round < 20; round += 1) await answerAll();
  assert.equal(outcome, 'answered');
  busy.stops = true;
  for (let round = 0; round < 4; round += 1) await answerAll();
  await Promise.all(askers);
});

test('one request that fits no process ends one of them, whatever else arrives before that has gone', async () => {
  open({ isolateTenants: true }, 1_000);
  const first = Array.from({ length: 4 }, () => ask('a'));
  await settled();
  await answerAll();
  await Promise.all(first);
  const other = ask('b');
  const later = Array.from({ length: 3 }, () => ask('a'));
  await settled();
  assert.equal(pool.figures.evictions, 1);
  await answerAll();
  assert.deepEqual(await Promise.all(later), ['answered', 'answered', 'answered']);
  await pass(1_000);
  await answerAll();
  assert.equal(await other, 'answered');
  assert.equal(pool.figures.evictions, 1);
});

test('when the load has gone, what is beyond the size ends and the rest stays', async () => {
  open({ maxProcesses: 10, size: 5, maxIdle: 5 }, 1_000);
  const burst = Array.from({ length: 10 }, () => ask('a'));
  await settled();
  await answerAll();
  await Promise.all(burst);
  assert.equal(launcher.sessions.length, 10);
  await pass(120_000);
  const { empty, live } = pool.counts;
  assert.deepEqual([empty + live, launcher.sessions.length], [5, 10]);
});

test('while it drains, an answer that has begun takes the turns that it needs; what has not begun is refused', async () => {
  open({ maxProcesses: 1, size: 1, maxIdle: 1 });
  const done = pool.keepOpen();
  const choices = [ask('a'), ask('a', { isAdmitted: true }), ask('a', { isAdmitted: true })];
  const stranger = ask('b');
  await settled();
  pool.drain();
  assert.equal(await stranger, 'draining');
  assert.equal(await ask('b'), 'draining');
  let isQuiet = false;
  const quiet = pool.quiet().then(() => (isQuiet = true));
  for (let round = 0; round < 3; round += 1) await answerAll();
  assert.deepEqual(await Promise.all(choices), ['answered', 'answered', 'answered']);
  const repair = ask('a', { isAdmitted: true });
  await settled();
  await answerAll();
  assert.equal(await repair, 'answered');
  assert.equal(isQuiet, false);
  done();
  await quiet;
  await settled();
  assert.ok(launcher.sessions.every(({ hasEnded }) => hasEnded));
});

test('while it drains, a turn whose process dies before it has answered is begun again', async () => {
  open({ maxProcesses: 1, size: 1, maxIdle: 1 });
  const running = ask('a');
  await settled();
  pool.drain();
  launcher.running[0]?.crash();
  await pass(1_000);
  await answerAll();
  assert.equal(await running, 'answered');
  await pool.quiet();
});

test('a process that is only found to be dead when it is needed counts as one that could not start', async () => {
  open({ profile: plainProfile(false), maxProcesses: 2, size: 2, maxIdle: 2 });
  await settled();
  for (const session of launcher.sessions) session.crash('cannot start');
  await settled();
  assert.match(pool.startError?.message ?? '', /cannot start/);
  assert.equal(pool.figures.failedStarts, 1);
});

test('who waits while a process is killed that starts gets the next one, and is told when that goes on', async () => {
  open({ maxProcesses: 1, size: 1, maxIdle: 1 });
  await settled();
  for (const [killed, outcome] of [[3, 'answered'], [5, 'unavailable']] as const) {
    launcher.killedAtStart = killed;
    launcher.sessions.at(-1)?.crash();
    const asked = ask('a');
    await pass(10_000);
    for (const session of launcher.running) session.answer();
    assert.equal(await asked, outcome);
  }
}); // prettier-ignore

test('whoever has waited too long is told whether no process came free or none could be had', async () => {
  open({ maxProcesses: 1, size: 1, maxIdle: 1, queueTimeoutMs: 2_000 });
  await settled();
  const askers = ['a', 'b'].map((tenant) => ask(tenant));
  await settled();
  // The one who was being served is served again by the next process; the other one waits on.
  launcher.killedAtStart = 3;
  launcher.running[0]?.crash('no space');
  await pass(2_100);
  assert.deepEqual(await Promise.all(askers), ['unavailable', 'unavailable']);
  assert.equal(pool.figures.refusedQueueTimeout, 0);
  // As long as none can be had that is told to whoever comes too, though nothing fails while they wait.
  launcher.killedAtStart = 2;
  await pass(6_000);
  assert.equal(await Promise.race([ask('a'), pass(2_100)]), 'unavailable');
  // It serves again: who waits now waits for somebody else's answer.
  await pass(20_000);
  const served = ask('a');
  await settled();
  const late = ask('b');
  await pass(2_100);
  assert.equal(await late, 'queue-timeout');
  assert.equal(pool.figures.refusedQueueTimeout, 1);
  await answerAll();
  assert.equal(await served, 'answered');
});

test('processes that end one after the other before they have served count as ones that cannot start', async () => {
  open({ maxProcesses: 1, size: 1, maxIdle: 1 });
  const asked = ['a', 'b', 'c', 'd', 'e'].map((tenant) => ask(tenant));
  for (const failedStarts of [0, 0, 0, 0, 1]) {
    await settled();
    launcher.running[0]?.crash('no space');
    await settled();
    assert.equal(pool.figures.failedStarts, failedStarts);
    // A few can be chance: whoever waits goes on waiting for the next one.
    if (failedStarts === 0) await pass(3_000);
  }
  assert.match(pool.startError?.message ?? '', /ended before it had served/);
  assert.deepEqual(
    await Promise.all(asked),
    asked.map(() => 'unavailable'),
  );
  // It goes on trying, and one that serves ends it.
  await pass(5_000);
  const answer = ask('a');
  await settled();
  await answerAll();
  assert.equal(await answer, 'answered');
  // Those that end after it are chance again.
  for (let end = 0; end < 2; end += 1) {
    launcher.sessions.at(-1)?.crash();
    await pass(1_000);
    assert.deepEqual([pool.startError, pool.figures.failedStarts], [undefined, 1]);
  }
});

test('a request whose observer throws fails alone, also where another one makes room for it, and its process serves on', async () => {
  open({ maxProcesses: 1, size: 1, maxIdle: 1 });
  const thrown = new Error('thrown by an observer');
  const gate = { refusal: () => undefined, enter: () => undefined, failed: (error: unknown) => error };
  const run = (more: object): Promise<unknown> =>
    lastValueFrom(pool.run(turnOf(['x']), { tenant: 'a', ...more })).then(() => 'answered', (error: unknown) => error);
  const outcomes = [
    run({}),
    run({ onLeased: () => { throw thrown; } }),
    run({ gate: { ...gate, accepted: () => undefined, enter: () => { throw thrown; } } }),
    run({}),
  ];
  for (let round = 0; round < 4; round += 1) await answerAll();
  await pass(1_000);
  for (let round = 0; round < 4; round += 1) await answerAll();
  assert.deepEqual(await Promise.all(outcomes), ['answered', thrown, thrown, 'answered']);
  assert.equal(pool.counts.busy, 0);
}); // prettier-ignore

test('a turn runs on a process of the profile that it asks for, which is started for it and never in the reserve', async () => {
  open({ minIdle: 2 });
  const agent = plainProfile(true, ['Read']);
  await settled();
  const [acted, spoken] = [ask('a', { profile: agent }), ask('a')];
  await settled();
  assert.deepEqual(
    launcher.running.map(({ profile }) => profile.builtInTools),
    [[], ['Read']],
  );
  await answerAll();
  assert.deepEqual(await Promise.all([acted, spoken]), ['answered', 'answered']);
  const started = launcher.sessions.filter(({ profile }) => profile === agent);
  // It holds more than words, so it serves no other conversation; and the reserve starts none of its kind.
  await pass(60_000);
  assert.equal(started.length, launcher.sessions.filter(({ profile }) => profile.builtInTools.length > 0).length);
  const next = ask('a', { profile: agent });
  await settled();
  assert.equal(launcher.running[0] === started[0], false);
  await answerAll();
  assert.equal(await next, 'answered');
});

test('a full pool makes room for a profile that none of its processes has', async () => {
  open({ maxProcesses: 2, size: 2, minIdle: 0, maxIdle: 2 });
  const first = [ask('a'), ask('a')];
  await settled();
  await answerAll();
  await Promise.all(first);
  const acted = ask('a', { profile: plainProfile(true, ['Read']) });
  await settled();
  await pass(1_000);
  await answerAll();
  assert.equal(await acted, 'answered');
  assert.equal(pool.figures.evictions, 1);
});
