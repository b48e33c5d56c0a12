// Guarantee: under cancels, failures upstream and killed processes nothing is lost, mixed up or left behind.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { Gateway } from '../support/gateway.ts';
import { disturbedLoad } from '../support/load.ts';
import { isRunning } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

test('500 disturbed requests leave the service as it was (npm run soak has the long version)', async () => {
  const gateway = await Gateway.start({
    settings: {
      CLAUDE__MAX_CONCURRENT_SESSIONS: '4',
      PROCESS_POOL__SIZE: '4',
      PROCESS_POOL__MAX_IDLE: '4',
      CLAUDE__MAX_RETRIES: '1',
    },
  });
  const report = await disturbedLoad(gateway, 500, 8);
  assert.equal(report.answered + report.left + report.failed, 500);
  assert.ok(report.answered > 300 && report.left > 10 && report.failed > 10, JSON.stringify(report));
  const [before = 0, after = Number.POSITIVE_INFINITY] = report.descriptors;
  assert.ok(after <= before + 8, `descriptors ${before}, then ${after}`);
  const pids = gateway.cliPids;
  await gateway.stop();
  await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
});
