// Guarantee: a disk on which nothing can be written costs records, never an answer, and the service does not end by it.
import assert from 'node:assert/strict';
import { readlinkSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from '@jest/globals';
import { afterThisTest } from '../support/after-this-test.ts';
import { FaultBench, ROUNDS } from '../support/fault-bench.ts';
import { limit } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

test('nothing can be written any more, and later it can: what runs serves on, what starts is told', async () => {
  const bench = await FaultBench.start({ settings: { PROCESS_POOL__QUEUE_TIMEOUT_SECONDS: '20' } });
  afterThisTest(() => bench.stop());
  for (let round = 0; round < ROUNDS; round += 1) {
    // Each write to a file fails, as on a full disk.
    limit(bench.gateway.pid, 'fsize', 0);
    await bench.underLoad(async (load) => {
      const { answered } = load;
      await waitFor('twenty answers', () => load.answered > answered + 20);
    });
    // The limit goes on to the processes that are started, and the CLI needs to write.
    await bench.underLoad(
      async () => {
        bench.killProcesses();
        await waitFor('the record', () => /the record of processes cannot be written/.test(bench.gateway.output));
        // The first write may come before it is ready or after it.
        const isTold = /the CLI did not start|the CLI ended before it had served/;
        await waitFor('a start that fails', () => isTold.test(bench.gateway.output));
      },
      '502 cli_failed',
      'stream cli_failed',
      '503 cli_start_failed',
      // Told to streams that were opened for having been silent too long.
      'stream cli_start_failed',
    );
    limit(bench.gateway.pid, 'fsize', 'unlimited');
    await bench.assertRecovered();
    // Temporary files that somebody cleans away are made again.
    rmSync(dirname(readlinkSync(`/proc/${bench.gateway.cliPids[0]}/cwd`)), { recursive: true });
    await bench.underLoad(async () => bench.killProcesses(), '502 cli_failed', 'stream cli_failed');
    await bench.assertRecovered();
  }
});

test('a data directory that cannot be written is told, and the service serves without it', async () => {
  // No user may make a directory there, not even root.
  const bench = await FaultBench.start({ settings: { STORAGE__PATH: '/sys/claude-code-api' } });
  afterThisTest(() => bench.stop());
  assert.match(bench.gateway.output, /the record of processes cannot be written/);
  await bench.underLoad(async () => bench.killProcesses(), '502 cli_failed', 'stream cli_failed');
  await bench.assertRecovered();
});
