// Guarantee: CLI processes that die or freeze, again and again and under load, cost their own requests at most.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { afterThisTest } from '../support/after-this-test.ts';
import { FaultBench, ROUNDS } from '../support/fault-bench.ts';
import { ask } from '../support/gateway.ts';
import { call, errorOf } from '../support/http-call.ts';
import { disturbedLoad } from '../support/load.ts';
import { waitFor } from '../support/wait-for.ts';

test('processes are killed: all at once, several times, and at random among cancels and failures upstream', async () => {
  const bench = await FaultBench.start();
  afterThisTest(() => bench.stop());
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    await bench.underLoad(
      async (load) => {
        bench.killProcesses();
        const { answered } = load;
        await waitFor('answers again', () => load.answered > answered + 10);
      },
      '502 cli_failed',
      'stream cli_failed',
    );
    await bench.assertRecovered();
  }
  const report = await disturbedLoad(bench.gateway, 60 * ROUNDS, 6);
  assert.equal(report.answered + report.left + report.failed, 60 * ROUNDS);
  assert.ok(report.answered > 25 * ROUNDS, JSON.stringify(report));
  await bench.assertRecovered();
});

test('processes that freeze are told as a timeout and replaced', async () => {
  const bench = await FaultBench.start({ settings: { CLAUDE__TIMEOUT_SECONDS: '2' } });
  afterThisTest(() => bench.stop());
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const pid of bench.gateway.cliPids) process.kill(pid, 'SIGSTOP');
    const answer = await call(bench.gateway, '/v1/chat/completions', { body: JSON.stringify(ask('x')) });
    assert.deepEqual([answer.status, errorOf(answer).code], [504, 'timeout']);
    // Those that nobody has asked yet look idle, so each costs one request.
    await bench.assertRecovered();
    assert.match(bench.gateway.output, /interrupt was not answered, process is killed/);
  }
});
