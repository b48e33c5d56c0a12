// Guarantee: a service without descriptors refuses what it cannot take, ends nothing that runs, and recovers.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { afterThisTest } from '../support/after-this-test.ts';
import { FaultBench, ROUNDS } from '../support/fault-bench.ts';
import { limit, openDescriptors } from '../support/processes.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { waitFor } from '../support/wait-for.ts';

test('no descriptor is left: answers or refusals, and full service when there are some again', async () => {
  const bench = await FaultBench.start();
  afterThisTest(() => bench.stop());
  const { gateway } = bench;
  for (let round = 0; round < ROUNDS; round += 1) {
    await bench.underLoad(
      async () => {
        limit(gateway.pid, 'nofile', openDescriptors(gateway.pid) + 2);
        const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(gateway.url)));
        // The system takes connections on behalf of the service; those for which it has no descriptor are closed.
        await waitFor('refusals', () => connections.some(({ isClosed }) => isClosed));
        bench.killProcesses();
        await waitFor('a failed start', () => /EMFILE|cli-start-failed/.test(gateway.output));
        limit(gateway.pid, 'nofile', 4096);
        for (const connection of connections) connection.destroy();
      },
      'connection',
      '502 cli_failed',
      'stream cli_failed',
      '503 cli_start_failed',
    );
    await bench.assertRecovered();
    assert.equal(gateway.exitCode, null);
  }
});
