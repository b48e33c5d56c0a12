// Guarantee: no body keeps the service from its other requests: whatever it costs to read is done in short pieces, or not at
// all. Measured is the processor time between two turns of the event loop, which does not depend on what else runs. The bound
// is ten times what is needed, so that only work without a bound reaches it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, test } from '@jest/globals';
import { of } from 'rxjs';
import { HEAVY_BODIES } from '../support/heavy-bodies.ts';
import type { HeavyBodyReply, SendHeavyBody } from '../support/heavy-bodies.worker.ts';
import { TestApplication } from '../support/test-application.ts';
import { TURNS } from '../support/turn-events.ts';

const MAX_TURN_MS = 1000;

let service: TestApplication;
let sender: Worker;
beforeAll(async () => {
  service = await TestApplication.start();
  service.pool.answer = of(...TURNS['text and parallel calls']);
  sender = new Worker(new URL('../support/heavy-bodies.worker.js', import.meta.url));
});
afterAll(async () => {
  await sender.terminate();
  await service.stop();
});

/** Notes the longest turn of the event loop until it is stopped. */
class LongestTurn {
  ms = 0;
  private last = this.now();
  private next = setImmediate(() => this.turn());

  stop(): void {
    clearImmediate(this.next);
  }

  private turn(): void {
    const now = this.now();
    this.ms = Math.max(this.ms, now - this.last);
    this.last = now;
    this.next = setImmediate(() => this.turn());
  }

  private now(): number {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  }
}

async function reply(): Promise<HeavyBodyReply> {
  const [message] = (await once(sender, 'message')) as [HeavyBodyReply];
  return message;
}

for (const name of HEAVY_BODIES.keys()) {
  test(`${name} is answered without a stall`, async () => {
    sender.postMessage({ name, url: service.url } satisfies SendHeavyBody);
    assert.equal(await reply(), 'ready');
    const longest = new LongestTurn();
    const answer = await reply();
    longest.stop();
    assert.ok(answer !== 'ready' && answer.status < 500, JSON.stringify(answer));
    assert.ok(longest.ms < MAX_TURN_MS, `${longest.ms} ms of processor time in one turn`);
  });
}
