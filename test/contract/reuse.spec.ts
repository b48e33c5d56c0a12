// Guarantee: a process that was taken back is, to the Messages API, the same as a fresh one.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { cancelAt, CliBench, finishOf, IDENTITY, run, turnOf, withoutIds } from '../support/cli-session.ts';
import { failure, spokenMessages, text } from '../support/scripted-messages-api.ts';
import { WEATHER_NAME, weather } from '../support/weather-tool.ts';
import type { Turn } from '../../src/claude-cli/turn/turn.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.api.reset();
  bench.api.respond(text('fine'));
});

test('after a rewind a request is byte-identical to a fresh process’s, whatever came before', async () => {
  const used = bench.session();
  const plain = turnOf(['first'], { system: ['S'] });
  await run(bench.session(), plain);
  const fresh = withoutIds(bench.api.last.raw);
  const before: Record<string, () => Promise<unknown>> = {
    'a normal turn': () => run(used, turnOf(['something else'])),
    'a long history': () => run(used, turnOf(Array.from({ length: 41 }, (_value, index) => `text ${index}`))),
    'a turn that was cancelled': () => {
      bench.api.respond(text('slow answer '.repeat(20), { deltaDelayMs: 20 }));
      return cancelAt(used, turnOf(['x']), 'text-delta');
    },
    'a turn that failed': () => {
      bench.api.respond(failure(400));
      return assert.rejects(run(used, turnOf(['x'])));
    },
    'a call of a tool': () => {
      bench.api.respond({
        kind: 'message',
        content: [{ type: 'tool_use', name: WEATHER_NAME, input: {} }],
      });
      return run(used, turnOf(['x'], { tools: [weather] }));
    },
    'every setting': () =>
      run(
        used,
        turnOf(['x'], {
          system: ['another'],
          settings: {
            temperature: 0.2,
            topP: 0.5,
            stopSequences: ['x'],
            maxOutputTokens: 50,
            thinking: 'off',
            effort: 'low',
          },
        }),
      ),
    'another model': () => run(used, turnOf(['x'], { model: 'claude-sonnet-4-5' })),
  };
  for (const [what, happen] of Object.entries(before)) {
    for (const how of ['by the turn', 'for the reserve']) {
      await happen();
      bench.api.respond(text('fine'));
      bench.api.reset();
      if (how === 'for the reserve') await used.empty();
      await run(used, plain);
      assert.equal(withoutIds(bench.api.last.raw), fresh, `after ${what}, taken back ${how}`);
      assert.equal(bench.api.requests.length, 1);
      assert.equal(used.hasEnded, false);
    }
  }
});

test('taken back to a later message, the process goes on from there without a replay', async () => {
  const session = bench.session();
  await run(session, turnOf(['one', 'two', 'three', 'four', 'five']));
  assert.equal(session.held.length, 6);
  await run(session, turnOf(['one', 'two', 'another three']), 2);
  assert.deepEqual(spokenMessages(bench.api.last.body), [
    ['user', 'one'],
    ['assistant', 'two'],
    ['user', 'another three'],
  ]);
  assert.equal(session.held.length, 4);
});

test('an exact follow-up repeats the request before, byte for byte, and adds to it', async () => {
  const session = bench.session();
  await run(session, turnOf(['one']));
  await run(session, turnOf(['one', 'fine', 'two']), 2);
  assert.deepEqual(spokenMessages(bench.api.last.body), [
    ['user', 'one'],
    ['assistant', 'fine'],
    ['user', 'two'],
  ]);
});

test('a rewind to a message that is not there is refused, and the process is ended', async () => {
  const session = bench.session();
  await run(session, turnOf(['one']));
  const uuid = '00000000-0000-4000-8000-000000000000';
  const { transcript } = session as unknown as { transcript: { messages: { uuid: string }[] } };
  transcript.messages[0]!.uuid = uuid;
  await assert.rejects(session.rewindTo(0), { code: 'cli-protocol' });
  await session.ended;
  assert.equal(session.hasEnded, true);
});

test('a model change costs no request of its own and leaves no trace', async () => {
  const session = bench.session();
  for (const model of ['claude-haiku-4-5', 'claude-sonnet-4-5', 'claude-opus-4-1']) {
    await run(session, turnOf(['x'], { model }));
    assert.equal(bench.api.last.body.model, model);
    assert.deepEqual(spokenMessages(bench.api.last.body), [['user', 'x']]);
  }
  assert.equal(bench.api.requests.length, 3);
});

test('the identity of the CLI stays in front of system texts that are applied live', async () => {
  const session = bench.session();
  for (const system of [['first'], ['second', 'third'], []]) {
    await run(session, turnOf(['x'], { system }));
    const blocks = bench.api.last.body.system as { text: string }[];
    assert.deepEqual(
      blocks.map((block) => block.text),
      [IDENTITY, ...system],
    );
  }
});

test('the cost of a turn is its own, not the running total of the process', async () => {
  const session = bench.session();
  const costs = [];
  for (let turn = 0; turn < 3; turn += 1) costs.push((await finishOf(session, turnOf(['x']))).costUsd);
  assert.ok(costs[0]! > 0);
  for (const cost of costs) assert.ok(Math.abs(cost! - costs[0]!) < 1e-9, String(costs));
});

test('a conversation is not cut between a call and its result: it is taken back to before the call', async () => {
  const session = bench.session();
  const call = (id: string) => ({ type: 'tool_use' as const, id, name: 'get_weather', input: {} });
  const result = (id: string) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'sun' });
  const turn: Turn = {
    ...turnOf(['x'], { tools: [weather] }),
    history: [
      { role: 'user', content: [{ type: 'text', text: 'one' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'two' }] },
      { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
      { role: 'assistant', content: [call('toolu_1')] },
    ],
    message: { role: 'user', content: [result('toolu_1')] },
  };
  await run(session, turn);
  assert.equal(session.held.length, 6);
  assert.equal(session.keepable(4), 2);
  await run(session, turn, 4);
  assert.equal(session.hasEnded, false);
  assert.equal(spokenMessages(bench.api.last.body).length, 5);
  assert.equal(session.held.length, 6);
});
