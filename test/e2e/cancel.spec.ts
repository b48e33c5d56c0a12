// Guarantee: a client that leaves ends its turn upstream, and the next request on that process sees nothing of it.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { pseudoRandom } from '../support/pseudo-random.ts';
import { isRunning } from '../support/processes.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { lastText, spokenMessages, text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

const REQUESTS = 200;
const CONCURRENCY = 4;
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({
    settings: { CLAUDE__MAX_CONCURRENT_SESSIONS: '4', PROCESS_POOL__SIZE: '4', PROCESS_POOL__MAX_IDLE: '4' },
  });
});
afterAll(() => gateway.stop());

/** What an answer says, which must be complete. */
function contentOf(body: string, isStreamed: boolean): string {
  if (!isStreamed) return (JSON.parse(body) as ChatCompletion).choices[0]?.message.content ?? '';
  const [end, ...chunks] = body.trimEnd().split('\n\n').toReversed();
  assert.equal(end, 'data: [DONE]');
  return chunks
    .toReversed()
    .filter((event) => event.startsWith('data: '))
    .map((event) => (JSON.parse(event.slice(6)) as ChatCompletionChunk).choices[0]?.delta.content ?? '')
    .join('');
}

test('200 requests, a third of them leaving at random moments: nothing of these reaches another request', async () => {
  const random = pseudoRandom(7);
  gateway.api.respond(({ body }) => text(`echo of ${lastText(body)} and some more words`, { deltaDelayMs: 4 }));
  let next = 0;
  let answered = 0;
  let left = 0;
  const worker = async (): Promise<void> => {
    while (next < REQUESTS) {
      const index = next++;
      const leaves = index % 3 === 0;
      const leaving = new AbortController();
      const leaveAfterMs = random() * 60;
      const isStreamed = random() < 0.7;
      if (leaves) setTimeout(() => leaving.abort(), leaveAfterMs);
      try {
        const response = await gateway.post(ask(`request ${index}`, { stream: isStreamed }), {
          signal: leaving.signal,
        });
        const body = await response.text();
        assert.equal(response.status, 200, body);
        assert.equal(contentOf(body, isStreamed), `echo of request ${index} and some more words`);
        answered += 1;
      } catch (error) {
        if (!leaving.signal.aborted) throw error;
        left += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  assert.ok(left >= 50, `${left} have left`);
  assert.equal(answered + left, REQUESTS);
  await gateway.api.until((api) => api.requests.every(({ outcome }) => outcome !== 'open'));
  for (const { body } of gateway.api.requests) {
    const spoken = spokenMessages(body);
    assert.equal(spoken.length, 1, `something of another turn is in ${JSON.stringify(spoken)}`);
    assert.match(spoken[0]?.[1] ?? '', /^request \d+$/);
  }
  const cancelled = gateway.api.requests.filter(({ outcome }) => outcome === 'cancelled').length;
  assert.ok(cancelled > 0 && cancelled <= left, `${cancelled} cancelled upstream, ${left} have left`);
});

test('a client that leaves a long answer ends it upstream at once, streamed or not', async () => {
  for (const stream of [true, false]) {
    gateway.api.reset();
    gateway.api.respond(text('a very long answer '.repeat(100), { deltaDelayMs: 50 }));
    const leaving = new AbortController();
    const request = gateway.post(ask('x', { stream }), { signal: leaving.signal }).then((response) => response.text());
    await gateway.api.until((api) => api.requests.length === 1);
    leaving.abort();
    await assert.rejects(request);
    await gateway.api.until((api) => api.last.outcome === 'cancelled', 3000);
  }
});

test('no process is left when the service has ended', async () => {
  const pids = gateway.cliPids;
  assert.ok(pids.length > 0);
  gateway.signal('SIGTERM');
  assert.equal(await gateway.exited(), 0);
  await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
});
