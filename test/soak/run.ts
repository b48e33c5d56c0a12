// The long versions of the load and fault runs, bounded in count: 10,000 disturbed requests, 2,000 of twenty
// tenants, and 200 turns of conversations whose service is killed again and again.
import assert from 'node:assert/strict';
import { Gateway } from '../support/gateway.ts';
import { bytesPerRequest, LEAK_BYTES, type HeapSample } from '../support/growth.ts';
import { INSPECTED, liveHeapBytes } from '../support/inspected-heap.ts';
import { killAtRandom } from '../support/kill-at-random.ts';
import { disturbedLoad } from '../support/load.ts';
import { isRunning } from '../support/processes.ts';
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

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const tenants = await Gateway.start({ settings: { ...settings, AUTH__KEYS: authKeys(20) } });
await interleaveTenants(tenants, 20, TENANT_REQUESTS, 99);
await tenants.stop();
say(`${TENANT_REQUESTS} requests of 20 tenants: every one reached the model as it was sent`);

say(`200 turns of conversations, every one whole: ${JSON.stringify(await killAtRandom(200))}`);

const gateway = await Gateway.start({ settings, environment: INSPECTED });
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
say('no process left, descriptors level, memory level');
