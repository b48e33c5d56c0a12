// Guarantee: on a signal, and on an error that nothing has caught, what runs ends properly, what is new is refused, and nothing is
// left running.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from '@jest/globals';
import { ask, Gateway } from '../support/gateway.ts';
import { isRunning } from '../support/processes.ts';
import { text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

test('a stream ends properly after SIGTERM while new requests are refused with 503', async () => {
  const gateway = await Gateway.start();
  gateway.api.respond(text('the answer goes on to its end', { deltaLength: 3, deltaDelayMs: 100 }));
  const stream = await gateway.post(ask('x', { stream: true }));
  const pids = gateway.cliPids;
  gateway.signal('SIGTERM');
  await waitFor('draining', async () => (await fetch(`${gateway.url}/health/ready`)).status === 503);
  assert.equal((await fetch(`${gateway.url}/health/live`)).status, 200);
  const refused = await gateway.post(ask('late'));
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  const raw = await stream.text();
  const content = [...raw.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
  assert.equal(content, 'the answer goes on to its end');
  assert.ok(raw.endsWith('data: [DONE]\n\n'));
  assert.equal(await gateway.exited(), 0);
  await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
  await gateway.stop();
});

test('an answer that does not end within the drain time is ended', async () => {
  const gateway = await Gateway.start({ settings: { SERVER__DRAIN_SECONDS: '1' } });
  gateway.api.respond({ kind: 'hang' });
  const request = gateway.post(ask('x')).then(
    (response) => response.status,
    () => 'cut',
  );
  await gateway.api.until((api) => api.requests.length === 1);
  const pids = gateway.cliPids;
  gateway.signal('SIGTERM');
  assert.equal(await gateway.exited(), 0);
  assert.ok(['cut', 502, 503].includes(await request));
  await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
  await gateway.stop();
});

test('a service that is stopped while it still checks its CLI ends the checks, and with them the CLI', async () => {
  const gateway = await Gateway.start({
    isReadyAwaited: false,
    settings: {
      // It says its version, and then nothing for as long as the checks would wait.
      CLAUDE__COMMAND: fileURLToPath(new URL('../../../test/fixtures/fake-cli.mjs', import.meta.url)),
      CLAUDE__EXTRA_ENVIRONMENT: '["FAKE_MODE"]',
      SERVER__DRAIN_SECONDS: '1',
    },
    environment: { FAKE_MODE: 'hang-at-start' },
  });
  await waitFor('the check', () => gateway.cliPids.length > 0);
  await waitFor('the service', () =>
    fetch(`${gateway.url}/health/live`).then(
      () => true,
      () => false,
    ),
  );
  const pids = gateway.cliPids;
  gateway.signal('SIGTERM');
  // One that waits for the CLI is given up after eleven seconds, with exit code 1.
  assert.equal(await gateway.exited(), 0);
  await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
  await gateway.stop();
});

for (const signals of [['SIGHUP'], ['SIGTERM', 'SIGTERM'], ['SIGINT', 'SIGINT', 'SIGTERM']] as const) {
  test(`${signals.join(' and ')} at once let a running answer end`, async () => {
    const gateway = await Gateway.start();
    gateway.api.respond(text('the answer goes on to its end', { deltaLength: 3, deltaDelayMs: 50 }));
    const stream = await gateway.post(ask('x', { stream: true }));
    for (const signal of signals) gateway.signal(signal);
    assert.match(await stream.text(), /data: \[DONE\]\n\n$/);
    assert.equal(await gateway.exited(), 0);
    assert.equal(gateway.output.match(/"msg":"stopping"/g)?.length, 1);
    await gateway.stop();
  });
}

for (const fault of ['exception', 'rejection']) {
  test(`an ${fault} that nothing has caught is logged, running answers end, and the service with 1`, async () => {
    const gateway = await Gateway.start({
      environment: {
        FAULT: fault,
        NODE_OPTIONS: `--import=${new URL('../../../test/fixtures/throw-on-signal.mjs', import.meta.url).href}`,
      },
    });
    gateway.api.respond(text('the answer goes on to its end', { deltaLength: 3, deltaDelayMs: 50 }));
    const stream = await gateway.post(ask('x', { stream: true }));
    const pids = gateway.cliPids;
    gateway.signal('SIGUSR2');
    await waitFor('draining', async () => (await fetch(`${gateway.url}/health/ready`)).status === 503);
    assert.equal((await gateway.post(ask('late'))).status, 503);
    assert.match(await stream.text(), /data: \[DONE\]\n\n$/);
    assert.equal(await gateway.exited(), 1);
    assert.match(gateway.output, /"msg":"unexpected error"/);
    assert.match(gateway.output, /a fault on purpose/);
    await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
    await gateway.stop();
  });
}
