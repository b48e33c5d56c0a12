// Guarantee: an API that is slow, or that limits, is passed on as what it is, in time, and forgotten when it is over.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { FaultBench, ROUNDS } from '../support/fault-bench.ts';
import { ask } from '../support/gateway.ts';
import { call, errorOf } from '../support/http-call.ts';
import { failure, lastText, text } from '../support/scripted-messages-api.ts';

let bench: FaultBench;
beforeAll(async () => {
  bench = await FaultBench.start({ settings: { SERVER__KEEP_ALIVE_SECONDS: '0.9' } });
});
afterAll(() => bench.stop());

const send = (words: string, more: object = {}): ReturnType<typeof call> =>
  call(bench.gateway, '/v1/chat/completions', { body: JSON.stringify(ask(words, more)) });

for (let round = 0; round < ROUNDS; round += 1) {
  test('slow: three times as many requests as processes all get their own answer', async () => {
    const { api } = bench.gateway;
    api.respond(({ body }) => text(`echo of ${lastText(body)}.`, { firstDelayMs: 2200, deltaDelayMs: 20 }));
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, index) => send(`slow ${index}`, { stream: index % 2 === 0 })),
    );
    for (const [index, { status, text: body }] of answers.entries()) {
      assert.equal(status, 200);
      const content = [...body.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
      assert.equal(content, `echo of slow ${index}.`);
      if (index % 2 === 0) assert.match(body, /: keep-alive/);
    }
    await bench.assertRecovered();
  });

  for (const [what, headers] of [
    ['with Retry-After', { 'retry-after': '2' }],
    ['without Retry-After', undefined],
  ] as const) {
    test(`429 ${what}: every client is told when to come again, within three seconds`, async () => {
      bench.gateway.api.respond(failure(429, headers && { headers }));
      const began = performance.now();
      const answers = await Promise.all(
        Array.from({ length: 9 }, (_, index) => send(`limited ${index}`, { stream: index % 2 === 0 })),
      );
      // Three at a time.
      assert.ok(performance.now() - began < 9000, `${performance.now() - began} ms`);
      for (const answer of answers) {
        assert.deepEqual([answer.status, errorOf(answer).code], [429, 'rate_limit_exceeded']);
        assert.match(String(answer.headers['retry-after']), /^\d+$/);
      }
      await bench.assertRecovered();
    });
  }
}
