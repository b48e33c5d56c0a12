// Guarantee: where an answer breaks off upstream, the CLI asks nothing by itself: no word that the client did not write
// reaches the model, and one request was made.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ClaudeSession } from '../../src/claude-cli/session/claude-session.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import { CliBench, run, textOf, turnOf, WITHOUT_API_KEY } from '../support/cli-session.ts';
import { evenPace } from '../support/pace.ts';
import { lastText, text, type ScriptedMessage } from '../support/scripted-messages-api.ts';
import { WEATHER_NAME, weather } from '../support/weather-tool.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

/** Thinking, a text and a call: 20 deltas. */
const answer: ScriptedMessage = {
  kind: 'message',
  deltaLength: 8,
  content: [
    { type: 'thinking', thinking: 'a thought that takes five deltas, at eight', signature: 'signature' },
    { type: 'text', text: 'a text that takes eight deltas of eight characters, more or less' },
    { type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: { city: 'a city with a long name' } },
  ],
};
const PLACES = 20;
const asked = turnOf(['hello'], { tools: [weather], settings: { effort: 'high' } });

async function failing(session: ClaudeSession): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  await assert.rejects(
    new Promise((resolve, reject) => {
      session
        .run(asked, 0)
        .subscribe({ next: (event) => events.push(event), error: reject, complete: () => resolve(0) });
    }),
    { code: 'answer-cut' },
  );
  await session.settle();
  return events;
}

for (const [mode, options] of [
  ['with an API key', {}],
  ['without an API key', WITHOUT_API_KEY],
] as const) {
  for (const kind of ['error-event', 'cut'] as const) {
    test(`${mode}: an answer that breaks off (${kind}) at each of ${PLACES} places is one request, and fails`, async () => {
      const session = bench.session(options);
      for (let place = 1; place <= PLACES; place += 1) {
        bench.api.reset();
        bench.api.respond({ ...answer, fault: { afterDeltas: place, kind, pauseMs: 150 } });
        const events = await failing(session);
        assert.ok(!events.some(({ type }) => type === 'finish'));
        bench.api.respond(text('fine'));
        assert.equal(textOf(await run(session, turnOf(['go on']))), 'fine');
        assert.equal(session.hasEnded, false);
        // Without an API key the CLI's notes stand before the client's words, which end with these lines.
        assert.deepEqual(
          bench.api.requests.map(({ body }) => lastText(body).trim().split('\n').at(-1)),
          ['hello', 'go on'],
          `after ${place} deltas`,
        );
      }
    });
  }
}

test('after an answer at its limit, and an empty one, the CLI asks nothing more either', async () => {
  const session = bench.session();
  for (const reply of [text('cut here', { stopReason: 'max_tokens' }), text('')] as const) {
    for (let round = 0; round < 5; round += 1) {
      bench.api.reset();
      bench.api.respond({ ...reply, pace: evenPace(100) });
      const finish = (await run(session, turnOf(['hello']))).at(-1);
      assert.equal(finish?.type, 'finish');
      bench.api.respond(text('fine'));
      assert.equal(textOf(await run(session, turnOf(['go on']))), 'fine');
      assert.equal(bench.api.requests.length, 2);
    }
  }
});
