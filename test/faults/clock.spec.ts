// Guarantee: a clock of the day that is set while the service runs ends, delays and spoils nothing.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { fileURLToPath } from 'node:url';
import { test } from '@jest/globals';
import { afterThisTest } from '../support/after-this-test.ts';
import { FaultBench } from '../support/fault-bench.ts';
import { ask } from '../support/gateway.ts';
import { call } from '../support/http-call.ts';
import { text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

const preload = pathToFileURL(fileURLToPath(new URL('../../../test/fixtures/shifting-clock.mjs', import.meta.url)));

test('a day ahead, two back, and right again: what runs goes on, and figures and processes stay', async () => {
  const bench = await FaultBench.start({
    environment: { NODE_OPTIONS: `--import ${preload.href}`, CLOCK_STEPS: '24,-24,0' },
  });
  afterThisTest(() => bench.stop());
  const { gateway } = bench;
  const pids = gateway.cliPids;
  const created = async (): Promise<number> => {
    const answer = await call(gateway, '/v1/chat/completions', { body: JSON.stringify(ask('when')) });
    return (JSON.parse(answer.text) as { created: number }).created;
  };
  for (const hours of [24, -24, 0]) {
    await bench.underLoad(async (load) => {
      gateway.signal('SIGUSR2');
      const wanted = Date.now() / 1000 + hours * 3600;
      await waitFor('the step', async () => Math.abs((await created()) - wanted) < 600);
      const { answered } = load;
      await waitFor('more answers', () => load.answered > answered + 30);
    });
    const stats = JSON.parse((await call(gateway, '/stats')).text) as {
      uptime_seconds: number;
      last_5_minutes: unknown;
    };
    assert.ok(stats.uptime_seconds >= 0 && stats.uptime_seconds < 600);
    assert.match(JSON.stringify(stats.last_5_minutes), /"ok":[1-9]/);
  }
  // A stream that is under way when the clock is set goes on to its end.
  gateway.api.respond(text('some words, then the step, then the rest', { deltaLength: 4, deltaDelayMs: 30 }));
  const response = await gateway.post(ask('x', { stream: true }));
  gateway.signal('SIGUSR2');
  assert.match(await response.text(), /\[DONE\]/);
  await bench.assertRecovered();
  assert.deepEqual(gateway.cliPids.filter((pid) => pids.includes(pid)).length > 0, true);
});
