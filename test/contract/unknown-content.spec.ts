// Guarantee: an answer with content of an unknown kind is delivered without it, the unknown kind is reported, and the
// conversation continues with exactly what was delivered.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { SessionEvent } from '../../src/claude-cli/session/session-event.ts';
import { CliBench, run, textOf, turnOf } from '../support/cli-session.ts';
import { spokenMessages, text, type RawBlock, type ScriptedMessage } from '../support/scripted-messages-api.ts';

const CITATION = { type: 'char_location', cited_text: 'x', document_index: 0, document_title: null, start_char_index: 0, end_char_index: 1 }; // prettier-ignore

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

const raw = (start: Record<string, unknown>, more: Partial<RawBlock> = {}): RawBlock => ({
  type: 'raw',
  start,
  ...more,
});
const SEARCH = raw(
  { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} },
  { deltas: [{ type: 'input_json_delta', partial_json: '{"query":"x"}' }] },
);
const FOUND = raw({ type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [] });
const FUTURE = raw({ type: 'hologram', text: 'shown' }, { deltas: [{ type: 'hologram_delta', text: 'shown' }] });
const textAt = (index: unknown, value: string): RawBlock =>
  raw({ type: 'text', text: '' }, { index, deltas: [{ type: 'text_delta', text: value }] });
const HELLO = { type: 'text', text: 'Hello.' } as const;

const CASES: [string, Partial<ScriptedMessage>, string[]][] = [
  ['blocks of server-side tools', { content: [HELLO, SEARCH, FOUND, { type: 'text', text: ' There.' }] }, ['block server_tool_use', 'block web_search_tool_result']],
  ['a block that does not exist yet, at the end', { content: [HELLO, FUTURE] }, ['block hologram']],
  ['the same at the beginning', { content: [FUTURE, HELLO] }, ['block hologram']],
  ['a delta that does not exist yet', { content: [raw({ type: 'text', text: '' }, { deltas: [{ type: 'text_delta', text: 'Hello.' }, { type: 'odd_delta', text: 'shown' }] })] }, ['delta odd_delta']],
  ['citations', { content: [raw({ type: 'text', text: '' }, { deltas: [{ type: 'text_delta', text: 'Hello.' }, { type: 'citations_delta', citation: CITATION }] })] }, []],
  ['hidden thinking', { content: [raw({ type: 'redacted_thinking', data: 'AAAA' }), HELLO] }, []],
  ['a reason to stop that does not exist yet', { content: [HELLO], stopReason: 'bored' }, ['stop-reason bored']],
  ['a turn that was paused', { content: [HELLO], stopReason: 'pause_turn' }, ['stop-reason pause_turn']],
  ['a reason to stop that is somebody\'s text', { content: [HELLO], stopReason: 'Stop, please!' }, ['stop-reason not a type']],
  ...[-1, 0.5, 1000, undefined, '0'].map((index): [string, Partial<ScriptedMessage>, string[]] => [`the index ${String(index)}`, { content: [textAt(index, 'Hello.')] }, []]),
  ['one index twice', { content: [textAt(0, 'Hello.'), textAt(0, ' There.')] }, []],
  ['a call of a tool that was not offered', { content: [HELLO, { type: 'tool_use', name: 'nonesuch', input: { a: 1 } }], stopReason: 'tool_use' }, []],
]; // prettier-ignore

for (const [what, reply, reported] of CASES) {
  test(`${what}: the client gets the text, and the conversation holds nothing else`, async () => {
    const events: SessionEvent[] = [];
    const session = bench.session({ onEvent: (event) => events.push(event) });
    bench.api.respond(text('And on.'));
    bench.api.respondOnce({ kind: 'message', content: [], ...reply });
    const answer = await run(session, turnOf(['Hi.']));
    const expected = JSON.stringify(reply.content).includes('There') ? 'Hello. There.' : 'Hello.';
    assert.equal(textOf(answer), expected);
    const finish = answer.at(-1);
    assert.ok(finish?.type === 'finish' && finish.reason === 'stop');
    const unknown = events.flatMap((event) =>
      event.type === 'unknown-content' ? [`${event.kind} ${event.name}`] : [],
    );
    assert.deepEqual(unknown, reported);
    await run(session, turnOf(['Hi.', expected, 'And?']), session.held.length);
    assert.deepEqual(
      spokenMessages(bench.api.last.body).map(([role, said]) => [role, withoutHidden(said)]),
      [
        ['user', 'Hi.'],
        ['assistant', expected],
        ['user', 'And?'],
      ],
    );
  });
}

/** A process that holds the conversation gives the model its hidden thinking back. */
function withoutHidden(said: string): string {
  return said.replace(/\{"type":"redacted_thinking"[^}]*\}/, '').replaceAll('\u0000', '');
}

test('an index of billions, over which the CLI freezes, fails the turn at once and ends the process', async () => {
  const session = bench.session();
  bench.api.respond({ kind: 'message', content: [textAt(4_000_000_000, 'Hello.')] });
  await assert.rejects(run(session, turnOf(['Hi.'])), { code: 'upstream' });
  assert.equal(session.hasEnded, true);
});
