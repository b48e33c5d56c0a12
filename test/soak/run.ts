// The long versions of the load and fault runs, bounded in count: tool calls at every pace, the suites without an API key,
// 10,000 disturbed requests, 2,000 of twenty tenants, and 200 turns of conversations whose service is killed again and again.
// The scripted API is paced; SOAK_PACE=instant has it answer at once, for the most requests in the time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { combinations, requestCalls, scriptCalls } from '../support/calls-at-pace.ts';
import { Gateway, type GatewayOptions } from '../support/gateway.ts';
import { bytesPerRequest, LEAK_BYTES, type HeapSample } from '../support/growth.ts';
import { INSPECTED, liveHeapBytes } from '../support/inspected-heap.ts';
import { killAtRandom } from '../support/kill-at-random.ts';
import { disturbedLoad } from '../support/load.ts';
import { INSTANT, PACED } from '../support/pace.ts';
import { isRunning } from '../support/processes.ts';
import { ScriptedMessagesApi } from '../support/scripted-messages-api.ts';
import { SUITES_WITHOUT_API_KEY } from '../support/suites-without-api-key.ts';
import { authKeys, interleaveTenants } from '../support/tenants.ts';
import { waitFor } from '../support/wait-for.ts';

const REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 10_000);
const TENANT_REQUESTS = Number(process.env['SOAK_TENANT_REQUESTS'] ?? 2_000);
/** Pauses at which the service's heap is measured. */
const SAMPLES = 20;
const settings = {
  CLAUDE__MAX_CONCURRENT_SESSIONS: '4',
  PROCESS_POOL__SIZE: '4',
  PROCESS_POOL__MAX_IDLE: '4',
  CLAUDE__MAX_RETRIES: '1',
  LOGGING__LEVEL: 'silent',
};

/** Each of the combinations of calls, with an API key and without one: 448 answers. */
const CALL_ROUNDS = 7;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const api = await ScriptedMessagesApi.start({ pace: process.env['SOAK_PACE'] === 'instant' ? INSTANT : PACED });
const start = (options: GatewayOptions): Promise<Gateway> => Gateway.start({ ...options, api });

for (const environment of [
  { ANTHROPIC_API_KEY: 'sk-test', CLAUDE_CODE_OAUTH_TOKEN: undefined },
  { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test' },
]) {
  const calling = await Gateway.start({
    environment,
    settings: { PROCESS_POOL__QUEUE_SIZE: '1000', PROCESS_POOL__QUEUE_TIMEOUT_SECONDS: '600' },
  });
  scriptCalls(calling);
  const rounds = Array.from({ length: CALL_ROUNDS }, (_, round) => round);
  const all = rounds.flatMap((round) => combinations([5, 20, 100, 300]).map((combination) => ({ combination, round })));
  await Promise.all(all.map(({ combination, round }) => requestCalls(calling, combination, round)));
  await calling.stop();
  say(`${all.length} answers of parallel calls at 5 to 300 ms between events: every one whole, one request each`);
}

const suites = spawnSync(
  'npm',
  ['run', '--silent', 'jest', '--', ...SUITES_WITHOUT_API_KEY.map((name) => `build/test/e2e/${name}.spec.js`)],
  { encoding: 'utf8', env: { ...process.env, TEST_CREDENTIALS: 'oauth-token' }, maxBuffer: 64 * 1024 * 1024 },
);
assert.equal(suites.status, 0, `a suite failed without an API key:\n${suites.stdout.slice(-4000)}`);
say(`${SUITES_WITHOUT_API_KEY.length} suites without an API key passed`);

const tenants = await start({ settings: { ...settings, AUTH__KEYS: authKeys(20) } });
await interleaveTenants(tenants, 20, TENANT_REQUESTS, 99);
await tenants.stop();
say(`${TENANT_REQUESTS} requests of 20 tenants: every one reached the model as it was sent`);

say(`200 turns of conversations, every one whole: ${JSON.stringify(await killAtRandom(200))}`);

const gateway = await start({ settings, environment: INSPECTED });
const began = performance.now();
const samples: HeapSample[] = [];
const report = await disturbedLoad(gateway, REQUESTS, 8, {
  parts: SAMPLES,
  onPause: async (requests) => void samples.push({ requests, bytes: await liveHeapBytes(gateway) }),
});
say(`${REQUESTS} disturbed requests in ${Math.round((performance.now() - began) / 1000)} s: ${JSON.stringify(report)}`);
const pids = gateway.cliPids;
assert.equal(await gateway.stop(), 0);
await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
const { descriptors } = report;
const [before = 0] = descriptors;
const after = descriptors.at(-1) ?? Number.POSITIVE_INFINITY;
assert.ok(after <= before + 8, `descriptors rose from ${before} to ${after}`);
const growth = bytesPerRequest(samples);
say(
  `live heap in MB: ${samples.map(({ bytes }) => (bytes / 1e6).toFixed(2)).join(' ')}; ${growth.toFixed(0)} bytes stay for a request`,
);
assert.ok(growth < LEAK_BYTES, `${growth} bytes stay for each request`);
await api.close();
say('no process left, descriptors level, memory level');
