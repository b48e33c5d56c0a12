import assert from 'node:assert/strict';
import { ask, type Gateway } from './gateway.ts';
import { pseudoRandom } from './pseudo-random.ts';
import { openDescriptors } from './processes.ts';
import { failure, lastText, text } from './scripted-messages-api.ts';
import { waitFor } from './wait-for.ts';

export interface LoadReport {
  readonly answered: number;
  readonly left: number;
  readonly failed: number;
  readonly kills: number;
  /** The open descriptors of the service at each pause. */
  readonly descriptors: readonly number[];
}

export interface LoadOptions {
  /** After how many equal parts of the requests there is a pause until the service is quiet. Default 2. */
  readonly parts?: number;
  /** Called at each pause with the number of requests so far. */
  readonly onPause?: (requests: number) => Promise<void>;
}

/**
 * Sends requests of which some leave, some meet failures of the API and some lose their process, at random, and asserts that
 * each of the others gets its own answer. Afterwards the service is quiet and serves on.
 */
export async function disturbedLoad(
  gateway: Gateway,
  requests: number,
  concurrency: number,
  { parts = 2, onPause }: LoadOptions = {},
): Promise<LoadReport> {
  const random = pseudoRandom(11);
  const { api } = gateway;
  api.respond(({ body }) => {
    const chance = random();
    if (chance < 0.05) return failure(400);
    if (chance < 0.08) return failure(529);
    if (chance < 0.1) return text('broken off', { fault: { afterDeltas: 1, kind: 'error-event' } });
    return text(`echo of ${lastText(body)} and some more words`, { deltaDelayMs: 1 });
  });
  let answered = 0;
  let left = 0;
  let failed = 0;
  let kills = 0;
  let next = 0;
  const one = async (index: number): Promise<void> => {
    const leaving = new AbortController();
    if (random() < 0.15) setTimeout(() => leaving.abort(), random() * 40);
    if (random() < 0.01) {
      const victims = gateway.cliPids;
      const victim = victims[Math.floor(random() * victims.length)];
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
      kills += 1;
    }
    try {
      const response = await gateway.post(ask(`request ${index}.`, { stream: random() < 0.5 }), {
        signal: leaving.signal,
      });
      const body = await response.text();
      if (response.status === 200 && !body.includes('"error":')) {
        assert.ok(body.includes(`request ${index}.`) || body.includes('broken off') || body.includes(`${index}`), body);
        answered += 1;
      } else failed += 1;
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
      left += 1;
    }
  };
  const runTo = async (limit: number): Promise<void> => {
    const worker = async (): Promise<void> => {
      while (next < limit) await one(next++);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    await quiet(gateway);
    api.reset();
  };
  const descriptors: number[] = [];
  for (let part = 1; part <= parts; part += 1) {
    await runTo(Math.floor((requests * part) / parts));
    descriptors.push(openDescriptors(gateway.pid));
    await onPause?.(next);
  }
  api.respond(text('fine'));
  const response = await gateway.post(ask('after all'));
  assert.equal(response.status, 200);
  await response.text();
  return {
    answered,
    left,
    failed,
    kills,
    descriptors,
  };
}

/** Waits until nothing runs, waits or is wound up in the service. */
async function quiet(gateway: Gateway): Promise<void> {
  await waitFor('quiet', async () => {
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as {
      details: { cli: { queued: number; processes: { busy: number; starting: number; settling: number } } };
    };
    const { queued, processes } = health.details.cli;
    return queued + processes.busy + processes.starting + processes.settling === 0;
  });
}
