// Guarantee: whatever the CLI does, the pool stays up, says what is wrong, and leaves no process behind.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, test } from '@jest/globals';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { plainProfile } from '../../src/claude-cli/transport/launch-options.ts';
import type { SessionEvent } from '../../src/claude-cli/session/session-event.ts';
import { ProcessPool, type ProcessPoolOptions } from '../../src/process-pool/pool/process-pool.ts';
import { ProcessRecord } from '../../src/process-pool/system/process-record.ts';
import { ClaudeSessionLauncher } from '../../src/process-pool/stock/session-launcher.ts';
import { OwnWorkingDirectories } from '../../src/process-pool/stock/working-directories.ts';
import { turnOf } from '../support/cli-session.ts';
import { childrenOf, isRunning } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const command = fileURLToPath(new URL('../../../test/fixtures/fake-cli.mjs', import.meta.url));
const workingRoot = mkdtempSync(join(tmpdir(), 'pool-test-'));
afterAll(() => rmSync(workingRoot, { recursive: true, force: true }));

const profile = plainProfile(true);
const options: ProcessPoolOptions = {
  profile,
  reuse: 'recycle',
  isolateTenants: false,
  maxProcesses: 2,
  size: 2,
  minIdle: 1,
  maxIdle: 2,
  maxTurns: 1000,
  maxAgeMs: 3_600_000,
  maxMemoryBytes: 2 ** 33,
  maxHeldMs: 3_600_000,
  queueSize: 10,
  queueTimeoutMs: 1500,
  turnTimeoutMs: 5000,
  maxCutRetries: 2,
};

function poolOf(
  mode: string,
  more: Partial<ProcessPoolOptions> = {},
  variables: Record<string, string> = {},
  onEvent: (event: SessionEvent) => void = () => undefined,
): ProcessPool {
  const environment = { PATH: process.env['PATH'] ?? '', FAKE_MODE: mode, ...variables };
  const record = new ProcessRecord(join(workingRoot, 'record'), (error) => assert.fail(error));
  const directories = new OwnWorkingDirectories(workingRoot);
  const launcher = new ClaudeSessionLauncher({ command, environment, identity: () => 'fake', directories, record });
  const pool = new ProcessPool(launcher, { ...options, ...more }, ({ event }) => onEvent(event));
  pool.open();
  return pool;
}

async function ask(pool: ProcessPool, ...texts: string[]): Promise<string> {
  const events = await lastValueFrom(
    pool.run(turnOf(texts.length > 0 ? texts : ['x']), { tenant: 'a' }).pipe(toArray()),
  );
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}

async function end(pool: ProcessPool): Promise<void> {
  await pool.end();
  await waitFor('the end of every process', () => childrenOf(process.pid).length === 0, 5000);
}

test('a good CLI serves: the fake is good enough for the others to mean something', async () => {
  const pool = poolOf('good');
  assert.equal(await ask(pool), 'fine');
  assert.equal(await ask(pool, 'another'), 'fine');
  assert.equal(await ask(pool, 'another', 'fine', 'and?'), 'fine');
  assert.equal(pool.figures.snapshot().leases.live, 1);
  await end(pool);
});

test('a CLI that crashes at its start refuses those who wait, is told, and is started ever more slowly', async () => {
  const pool = poolOf('crash-at-start');
  await assert.rejects(ask(pool), { code: 'unavailable', problem: 'cli-start-failed' });
  assert.match(pool.startError?.message ?? '', /fake: cannot start/);
  await waitFor('a second try', () => pool.figures.snapshot().failedStarts >= 2);
  const before = pool.figures.snapshot().starts;
  await assert.rejects(ask(pool));
  assert.ok(pool.figures.snapshot().starts - before <= 3, 'requests do not start a process each');
  await end(pool);
});

test('a CLI that hangs at its start lets a request wait no longer than the line allows', async () => {
  const pool = poolOf('hang-at-start');
  await assert.rejects(ask(pool), { code: 'queue-timeout' });
  assert.ok(pool.counts.starting > 0 && pool.counts.starting <= options.maxProcesses);
  await end(pool);
});

for (const [mode, reports] of [
  ['garbage', 1],
  ['invalid-utf8', 1],
  ['many-strays', 10],
] as const) {
  test(`a CLI that writes lines that are no JSON messages (${mode}) serves requests, and ${reports} of them are reported`, async () => {
    const events: SessionEvent[] = [];
    const pool = poolOf(mode, { maxProcesses: 1, size: 1, maxIdle: 1 }, {}, (event) => events.push(event));
    for (let turn = 0; turn < 2; turn += 1) assert.equal(await ask(pool, `turn ${turn}`), 'fine');
    assert.equal(pool.figures.snapshot().crashes, 0);
    const unreadable = events.filter(({ type }) => type === 'unreadable-line');
    assert.equal(unreadable.length, mode === 'many-strays' ? reports : reports * 2);
    assert.ok(unreadable.every((event) => event.type === 'unreadable-line' && event.characters > 0));
    await end(pool);
  });
}

test('an answer that lost a part in a damaged line fails, and its process stays', async () => {
  const pool = poolOf('damaged-delta');
  for (let round = 0; round < 2; round += 1) await assert.rejects(ask(pool), { code: 'cli-protocol' });
  assert.equal(pool.figures.snapshot().crashes, 0);
  await end(pool);
});

test('a process that has exited frees its place, even when a process that it left behind keeps its output open', async () => {
  const marker = join(workingRoot, 'left-behind');
  const pool = poolOf('leaves-child', { maxProcesses: 1, size: 1, maxIdle: 1 }, { FAKE_MARKER: marker });
  await assert.rejects(ask(pool), (error: { code: string }) => ['cli-gone', 'queue-timeout'].includes(error.code));
  await waitFor('processes in its place', () => pool.figures.snapshot().starts >= 3);
  await end(pool);
  const left = readFileSync(marker, 'utf8').trim().split('\n').map(Number);
  assert.ok(left.every(isRunning));
  for (const pid of left) process.kill(pid, 'SIGKILL');
});

for (const [mode, code] of [['crash-in-turn', 'cli-gone']] as const) {
  test(`a CLI that shows ${mode} fails the request with ${code}, again and again, and the pool stays up`, async () => {
    const pool = poolOf(mode);
    for (let round = 0; round < 2; round += 1)
      await assert.rejects(ask(pool), (error: { code: string }) => [code, 'queue-timeout'].includes(error.code));
    assert.ok(pool.figures.snapshot().crashes >= 1);
    await end(pool);
  });
}

test('a process that fails a turn before anything of its answer was handed out is replaced by another one, once', async () => {
  const failures = (count: number): Record<string, string> => ({
    FAKE_FAILURES: String(count),
    FAKE_MARKER: join(workingRoot, `failures-${count}`),
  });
  const once = poolOf('crash-once-taken', {}, failures(1));
  assert.equal(await ask(once), 'fine');
  assert.equal(once.figures.snapshot().retries, 1);
  await end(once);
  const twice = poolOf('crash-once-taken', {}, failures(2));
  await assert.rejects(ask(twice), { code: 'cli-crashed' });
  assert.equal(twice.figures.snapshot().retries, 1);
  await end(twice);
});

test('a turn that a process with tools of its own had taken is not begun again', async () => {
  const variables = { FAKE_FAILURES: '1', FAKE_MARKER: join(workingRoot, 'own-tools') };
  const pool = poolOf('crash-once-taken', { profile: { ...profile, builtInTools: ['Bash'] } }, variables);
  await assert.rejects(ask(pool), { code: 'cli-crashed' });
  assert.equal(pool.figures.snapshot().retries, 0);
  await end(pool);
});

test('a turn of which something was handed out is not begun again', async () => {
  const pool = poolOf('crash-in-answer');
  let text = '';
  const running = lastValueFrom(
    pool.run(turnOf(['x']), { tenant: 'a' }).pipe(
      tap((event) => {
        if (event.type === 'text-delta') text += event.text;
      }),
    ),
  );
  await assert.rejects(running, { code: 'cli-crashed' });
  assert.equal(text, 'fine');
  const { retries, spending } = pool.figures.snapshot();
  assert.equal(retries, 0);
  await waitFor('its account', () => pool.figures.snapshot().spending.failed.unaccounted === 1);
  assert.equal(spending.answered.turns, 0);
  await end(pool);
});

test('a line of 20 MB is read; it is within the bound', async () => {
  const pool = poolOf('long-line');
  assert.equal(await ask(pool), 'fine');
  await end(pool);
});

test('a CLI that ignores SIGTERM is killed', async () => {
  const pool = poolOf('ignore-sigterm');
  assert.equal(await ask(pool), 'fine');
  await end(pool);
});

for (const mode of ['false-rewind', 'wrong-rewind', 'crash-in-rewind']) {
  test(`a CLI that does not rewind as asked (${mode}) is ended, and another one serves`, async () => {
    const pool = poolOf(mode, { maxProcesses: 1, size: 1, maxIdle: 1 });
    assert.equal(await ask(pool), 'fine');
    // The only process holds a conversation; to serve a stranger it has to be taken back, which cannot be proved.
    assert.equal(await ask(pool, 'something else'), 'fine');
    assert.equal(await ask(pool, 'and later'), 'fine');
    assert.ok(pool.figures.snapshot().starts >= 2);
    await end(pool);
  });
}

test('a process is replaced after its number of turns', async () => {
  const pool = poolOf('good', { maxTurns: 2, maxProcesses: 1, size: 1, maxIdle: 1 });
  for (let turn = 0; turn < 5; turn += 1) assert.equal(await ask(pool, `turn ${turn}`), 'fine');
  const { retirements, starts } = pool.figures.snapshot();
  assert.ok(retirements >= 2 && starts >= 3);
  await end(pool);
});

test('without recycling a process serves one conversation only', async () => {
  const pool = poolOf('good', { reuse: 'fresh', queueTimeoutMs: 10_000 });
  for (let turn = 0; turn < 4; turn += 1) assert.equal(await ask(pool, `turn ${turn}`), 'fine');
  assert.equal(await ask(pool, 'turn 3', 'fine', 'and?'), 'fine');
  const { leases, starts } = pool.figures.snapshot();
  assert.equal(leases.live, 1);
  assert.equal(leases.emptied, 0);
  assert.ok(starts >= 4);
  await end(pool);
});
