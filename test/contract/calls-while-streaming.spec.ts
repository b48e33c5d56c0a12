// Guarantee: the CLI asks for each call while the message still streams; the turn ends behind the whole message, at any
// pace, with one request, and nothing is held for ever.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ClaudeSession } from '../../src/claude-cli/session/claude-session.ts';
import { cancelAt, CliBench, finishOf, run, textOf, turnOf, WITHOUT_API_KEY } from '../support/cli-session.ts';
import { evenPace, INSTANT, PACED } from '../support/pace.ts';
import { text, type ScriptedBlock, type ScriptedMessage } from '../support/scripted-messages-api.ts';
import { WEATHER_NAME, weather } from '../support/weather-tool.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

const thinking = (words: string): ScriptedBlock => ({ type: 'thinking', thinking: words, signature: `of ${words}` });
const says = (words: string): ScriptedBlock => ({ type: 'text', text: words });
const call = (id: string): ScriptedBlock => ({
  type: 'tool_use',
  id,
  name: WEATHER_NAME,
  input: { city: `city ${id}` },
});
const message = (...content: ScriptedBlock[]): ScriptedMessage => ({ kind: 'message', content });
const asked = turnOf(['weather?'], { tools: [weather] });

const SHAPES: [string, ScriptedBlock[]][] = [
  ['one call', [call('a')]],
  ['two calls behind a text', [says('let me see'), call('a'), call('b')]],
  ['five calls', ['a', 'b', 'c', 'd', 'e'].map(call)],
  ['thinking before, between and behind', [thinking('hm'), call('a'), thinking('and'), call('b'), thinking('so')]],
  ['a text between and behind', [call('a'), says('and now'), call('b'), says('that is all')]],
];

for (const [mode, options] of [
  ['with an API key', {}],
  ['without an API key', WITHOUT_API_KEY],
] as const) {
  let session: ClaudeSession;
  test(`${mode}: whatever stands in the message, it is handed out whole, after one request`, async () => {
    session = bench.session(options);
    for (const [what, content] of SHAPES) {
      for (const pace of [PACED, evenPace(20), INSTANT]) {
        bench.api.reset();
        bench.api.respond({ ...message(...content), pace });
        const finish = await finishOf(session, asked);
        assert.equal(finish.reason, 'tool-calls', what);
        assert.equal(finish.usage.outputTokens, 7, what);
        const expected = content.map((block) =>
          block.type === 'tool_use' ? { ...block, name: weather.name } : { ...block },
        );
        assert.deepEqual(finish.content, expected, what);
        // The response was read to its end, so that the connection can be used again.
        assert.deepEqual(
          bench.api.requests.map(({ outcome }) => outcome),
          ['answered'],
          what,
        );
      }
    }
  });

  test(`${mode}: a turn that is cancelled while a call is held ends at once, and the process serves on`, async () => {
    bench.api.respond(message(call('a'), { ...says('and then a long silence'), silenceMs: 60_000 }));
    await cancelAt(session, asked, 'text-delta');
    assert.equal(session.hasEnded, false);
    await bench.api.until((api) => api.requests.every(({ outcome }) => outcome !== 'open'));
    assert.equal(bench.api.last.outcome, 'cancelled');
    bench.api.respond(text('fine'));
    assert.equal(textOf(await run(session, turnOf(['on']))), 'fine');
    assert.deepEqual(
      bench.api.last.body.messages.filter(({ role }) => role === 'assistant'),
      [],
    );
  });

  test(`${mode}: silence in thinking and in arguments holds a call as long as it lasts`, async () => {
    bench.api.respond(
      message(
        { ...thinking('a long thought'), silenceMs: 300 },
        call('a'),
        { ...call('b'), silenceMs: 300 },
        { ...call('c'), silenceMs: 300 },
      ),
    );
    const finish = await finishOf(session, asked);
    assert.equal(finish.content.length, 4);
    assert.equal(bench.api.requests.length, 1);
  });

  for (const kind of ['cut', 'error-event', 'garbage'] as const) {
    test(`${mode}: a call that is held when the message breaks off (${kind}) is given up with it`, async () => {
      bench.api.respond({ ...message(call('a'), says('this breaks off somewhere')), fault: { afterDeltas: 4, kind } });
      await assert.rejects(run(session, asked), { code: 'answer-cut' });
      assert.equal(bench.api.requests.length, 1);
      assert.equal(session.hasEnded, false);
      bench.api.respond(text('fine'));
      assert.equal(textOf(await run(session, turnOf(['on']))), 'fine');
    });
  }
}

test('a call behind one of the CLI’s own tools ends the turn with the client’s call alone', async () => {
  const session = bench.session({ builtInTools: ['Read'] });
  bench.api.respond(
    message(
      says('looking'),
      { type: 'tool_use', id: 'own', name: 'Read', input: { file_path: '/nowhere' } },
      call('a'),
      says('that is all'),
    ),
  );
  const finish = await finishOf(session, asked);
  assert.equal(finish.reason, 'tool-calls');
  assert.deepEqual(finish.content, [
    { type: 'text', text: 'looking' },
    { type: 'tool_use', id: 'a', name: weather.name, input: { city: 'city a' } },
    { type: 'text', text: 'that is all' },
  ]);
  assert.equal(bench.api.requests.length, 1);
});
