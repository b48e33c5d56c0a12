// Guarantee: whatever takes the place of the CLI on disk, processes that run serve on, nothing is started that was not
// checked, and a good CLI is taken without a restart.
import assert from 'node:assert/strict';
import { constants, copyFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { bundledCommand } from '../../src/claude-cli/check/version.ts';
import { FaultBench } from '../support/fault-bench.ts';
import { ask } from '../support/gateway.ts';
import { call, errorOf } from '../support/http-call.ts';
import { waitFor } from '../support/wait-for.ts';

const directory = mkdtempSync(join(tmpdir(), 'replaced-cli-'));
const command = join(directory, 'claude');
let bench: FaultBench;

beforeAll(async () => {
  link();
  bench = await FaultBench.start({ settings: { CLAUDE__COMMAND: command, PROCESS_POOL__QUEUE_TIMEOUT_SECONDS: '20' } });
});
afterAll(async () => {
  await bench.stop();
  rmSync(directory, { recursive: true });
});

/** As an installer does it: there is always one or the other. */
function replace(make: (file: string) => void): void {
  const file = join(directory, 'new');
  make(file);
  renameSync(file, command);
}

function link(): void {
  replace((file) => symlinkSync(bundledCommand(), file));
}

const script = (content: string) => (): void =>
  replace((file) => writeFileSync(file, `#!/bin/sh\n${content}\n`, { mode: 0o755 }));

const REPLACEMENTS: [string, () => void, number, string][] = [
  ['one that does not start', script('echo broken >&2; exit 3'), 503, 'cli_start_failed'],
  ['an older one', script('echo "2.0.1 (Claude Code)"'), 503, 'cli_version'],
  ['one that speaks another protocol', script('test "$1" = --version && echo 9.9.9 || echo hello'), 503, 'cli_start_failed'], // prettier-ignore
  ['none at all', () => rmSync(command), 500, 'cli_not_found'],
];
for (const [what, put, status, code] of REPLACEMENTS) {
  test(`${what}: what runs serves on, then it is told, and the right one is taken again`, async () => {
    await bench.underLoad(async (load) => {
      put();
      const { answered } = load;
      await waitFor('twenty answers', () => load.answered > answered + 20);
    });
    bench.killProcesses();
    await waitFor(`${status} ${code}`, async () => {
      const answer = await call(bench.gateway, '/v1/chat/completions', { body: JSON.stringify(ask('x')) });
      return answer.status === status && errorOf(answer).code === code;
    });
    const ready = await call(bench.gateway, '/health/ready');
    assert.equal(ready.status, 503);
    assert.ok(ready.text.includes(code.replaceAll('_', '-')), ready.text);
    link();
    await bench.assertRecovered();
  });
}

test('a new copy is checked and taken without a failed request', async () => {
  await bench.underLoad(async (load) => {
    replace((file) => copyFileSync(bundledCommand(), file, constants.COPYFILE_FICLONE));
    const { answered } = load;
    await waitFor('more answers', () => load.answered > answered + 20);
  });
  bench.killProcesses();
  await bench.assertRecovered();
  assert.match(bench.gateway.output, /the CLI was replaced and has passed the checks/);
});
