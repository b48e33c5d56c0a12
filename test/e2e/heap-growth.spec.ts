// Guarantee: the measure by which the soak run judges the service's memory finds a leak of 100 bytes a request.
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from '@jest/globals';
import { Gateway } from '../support/gateway.ts';
import { bytesPerRequest, LEAK_BYTES, type HeapSample } from '../support/growth.ts';
import { INSPECTED, liveHeapBytes } from '../support/inspected-heap.ts';

const SAMPLES = 16;
const REQUESTS_PER_SAMPLE = 600;

/** Keeps a hundred bytes of each request: an array of six numbers, and its place in another one. */
const LEAK = `data:text/javascript,${encodeURIComponent(`
  import { Server } from 'node:http';
  const kept = (globalThis.kept = []);
  const { emit } = Server.prototype;
  Server.prototype.emit = function (name, ...rest) {
    if (name === 'request') kept.push(new Array(6).fill(kept.length));
    return emit.call(this, name, ...rest);
  };`)}`;

async function growthOf(nodeOptions: string): Promise<number> {
  const gateway = await Gateway.start({ environment: { NODE_OPTIONS: nodeOptions } });
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      get(`${gateway.url}/v1/models`, { agent }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      );
    });
  const samples: HeapSample[] = [];
  let requests = 0;
  for (let sample = 1; sample <= SAMPLES; sample += 1) {
    const worker = async (): Promise<void> => {
      while (requests < sample * REQUESTS_PER_SAMPLE) {
        requests += 1;
        await ask();
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    samples.push({ requests, bytes: await liveHeapBytes(gateway) });
  }
  agent.destroy();
  await gateway.stop();
  return bytesPerRequest(samples);
}

test('a service that keeps 100 bytes of each request is found to leak, and this one is not', async () => {
  const [healthy, leaking] = [
    await growthOf(INSPECTED.NODE_OPTIONS),
    await growthOf(`${INSPECTED.NODE_OPTIONS} --import ${LEAK}`),
  ];
  assert.ok(healthy < LEAK_BYTES, `${healthy} bytes a request`);
  assert.ok(leaking > LEAK_BYTES, `${leaking} bytes a request`);
  const found = leaking - healthy;
  assert.ok(found > 80 && found < 130, `${found} bytes of the leak were found`);
});

test('single samples that are off do not move the measure', () => {
  const samples = Array.from({ length: 20 }, (_value, index) => ({
    requests: index * 500,
    bytes: 3e7 + index * 500 * 100,
  }));
  assert.equal(bytesPerRequest(samples), 100);
  const disturbed = samples.map((sample, index) => (index === 15 ? { ...sample, bytes: 9e7 } : sample));
  assert.ok(Math.abs(bytesPerRequest(disturbed) - 100) < 5);
  assert.ok(Number.isNaN(bytesPerRequest([])), 'without samples there is no answer, and no test passes by it');
});
