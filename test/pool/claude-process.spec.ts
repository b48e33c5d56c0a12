// Guarantee: the end of a process is reported once it has exited and everything that it wrote was read, no matter which other
// process keeps its output open.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from '@jest/globals';
import { ClaudeProcess, type ProcessEnd, type UnreadableLine } from '../../src/claude-cli/transport/claude-process.ts';
import { isRunning } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

interface Watched {
  readonly lines: Readonly<Record<string, unknown>>[];
  readonly unreadable: UnreadableLine[];
  readonly process: ClaudeProcess;
  /** Lines that had been read when the end was reported. */
  readonly linesAtEnd: () => number;
}

/** Runs a shell script in the place of the CLI. */
function watch(script: string): Watched {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const unreadable: UnreadableLine[] = [];
  let atEnd = -1;
  const process = new ClaudeProcess(
    {
      command: '/bin/sh',
      launchArguments: ['-c', script],
      environment: { PATH: globalThis.process.env['PATH'] ?? '', NODE: globalThis.process.execPath },
      workingDirectory: tmpdir(),
    },
    {
      onLine: (line) => lines.push({ ...line }),
      onUnreadableLine: (line) => unreadable.push(line),
      onEnd: () => (atEnd = lines.length),
    },
  );
  return { lines, unreadable, process, linesAtEnd: () => atEnd };
}

function pidOf({ lines }: Watched): number {
  return Number(lines.find(({ type }) => type === 'pid')?.['pid']);
}

test('lines that are no JSON messages are skipped, and only their length is reported', async () => {
  const strays = ['Warning: words', '{"type":"cut off', '{}', 'null', '[1]', '"text"', '{"type":7}', '\u00e9\u2028'];
  const watched = watch(`printf '%s\\n' ${strays.map((line) => `'${line}'`).join(' ')} '{"type":"keep_alive"}'`);
  await watched.process.ended;
  assert.deepEqual(watched.lines, [{ type: 'keep_alive' }]);
  assert.deepEqual(watched.unreadable, strays.map((line) => ({ characters: line.length, isDamagedMessage: line.startsWith('{') }))); // prettier-ignore
});

test('an incomplete line at the end of the output is dropped', async () => {
  const watched = watch(`printf '{"type":"keep_alive"}\\n{"type":"keep_'`);
  assert.equal((await watched.process.ended).exitCode, 0);
  assert.equal(watched.lines.length, 1);
});

for (const leaves of [false, true]) {
  test(`output that is still in the pipe at the exit is read${leaves ? ', also when another process keeps the pipe open' : ''}`, async () => {
    const keeper = `setsid sleep 600 & printf '{"type":"pid","pid":%d}\\n' $!;`;
    const write = `const line = '{"type":"keep_alive","pad":"' + 'x'.repeat(1000) + '"}\\n'; process.stdout.write(line.repeat(5000), () => process.exit(3));`;
    const watched = watch(
      `${leaves ? keeper : ''} exec "$NODE" -e "${write.replaceAll('"', '\\"').replaceAll('\\n', '\\\\n')}"`,
    );
    const end: ProcessEnd = await watched.process.ended;
    assert.equal(end.exitCode, 3);
    assert.equal(watched.linesAtEnd(), 5000 + (leaves ? 1 : 0));
    if (!leaves) return;
    assert.equal(isRunning(pidOf(watched)), true);
    globalThis.process.kill(pidOf(watched), 'SIGKILL');
  });
}

test('output of a process that was left behind is not read', async () => {
  const watched = watch(`setsid yes '{"type":"keep_alive"}' & printf '{"type":"pid","pid":%d}\\n' $!; exit 4`);
  const { exitCode } = await watched.process.ended;
  assert.equal(exitCode, 4);
  const { length } = watched.lines;
  await waitFor('its end, as its output is closed', () => !isRunning(pidOf(watched)));
  assert.equal(watched.lines.length, length);
});

test('processes in the group of a process end with it', async () => {
  const watched = watch(`sleep 600 & printf '{"type":"pid","pid":%d}\\n' $!; exit 5`);
  assert.equal((await watched.process.ended).exitCode, 5);
  await waitFor('its end', () => !isRunning(pidOf(watched)));
});

test('the end of a killed process names the signal', async () => {
  const watched = watch(`printf '{"type":"keep_alive"}\\n'; exec sleep 600`);
  await waitFor('its line', () => watched.lines.length === 1);
  watched.process.kill();
  assert.equal((await watched.process.ended).signal, 'SIGKILL');
});
