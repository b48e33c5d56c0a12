// Guarantee: the model sees every call under an id of its own that the Messages API and the CLI keep apart from all others,
// and every result finds the call that its client means.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ConversationMessage } from '../../claude-cli/turn/turn.ts';
import { ToolCallLedger } from './tool-call-ledger.ts';

let messages = 0;
/** Adds a call, each in a message of its own, and returns the id that the model sees. */
function add(
  ledger: ToolCallLedger,
  clientId: string,
  { name = 'f', isLegacy = false, message = messages++ } = {},
): string {
  return ledger.add({ clientId, name, json: '{}', isLegacy, place: { message, path: `messages[${message}]` } }).id;
}

const openIds = (ledger: ToolCallLedger, position?: number): string[] =>
  ledger.takeOpen(position).map(({ modelId }) => modelId);

const called = (...ids: string[]): ConversationMessage => ({
  role: 'assistant',
  content: ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })),
});
const answered = (...ids: string[]): ConversationMessage => ({
  role: 'user',
  content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'r' })),
});

test('a call keeps its id, its name and its arguments', () => {
  const ledger = new ToolCallLedger();
  const call = { clientId: 'a', name: 'f', json: '{"x":1}', isLegacy: false, place: undefined };
  assert.deepEqual(ledger.add(call), { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } });
});

test('results of a repeated id belong to its calls in their order', () => {
  const ledger = new ToolCallLedger();
  assert.deepEqual(['a', 'a', 'a'].map((id) => add(ledger, id)), ['a', 'a-2', 'a-3']); // prettier-ignore
  assert.deepEqual(['a', 'a', 'a', 'a'].map((id) => ledger.answer(id)), ['a', 'a-2', 'a-3', undefined]); // prettier-ignore
});

test('an id that was answered and comes again is another call', () => {
  const ledger = new ToolCallLedger();
  add(ledger, 'a');
  ledger.answer('a');
  assert.equal(add(ledger, 'a'), 'a-2');
  assert.equal(ledger.answer('a'), 'a-2');
});

test('ids that are equal in the characters of the Messages API stay apart, and each result finds its own', () => {
  const ledger = new ToolCallLedger();
  assert.deepEqual(['a:b', 'a.b', 'a_b'].map((id) => add(ledger, id)), ['a_b', 'a_b-2', 'a_b-3']); // prettier-ignore
  assert.deepEqual(['a_b', 'a.b', 'a:b'].map((id) => ledger.answer(id)), ['a_b-3', 'a_b-2', 'a_b']); // prettier-ignore
});

test('ids that differ only far behind their beginning stay apart', () => {
  const ledger = new ToolCallLedger();
  const [left, right] = ['l', 'r'].map((end) => 'x'.repeat(1000) + end);
  const ids = [add(ledger, left!), add(ledger, right!)];
  assert.notEqual(ids[0], ids[1]);
  assert.deepEqual([ledger.answer(right!), ledger.answer(left!)], [ids[1], ids[0]]);
});

for (const [what, first, second] of [
  ['a number behind an earlier id', 'a', 'a_2'],
  ['an earlier id without its number', 'a_2', 'a'],
] as const) {
  test(`${what} is not taken for a repetition, as the CLI would take it`, () => {
    const ledger = new ToolCallLedger();
    add(ledger, first);
    assert.equal(add(ledger, second), `${second}-2`);
    assert.equal(ledger.answer(second), `${second}-2`);
  });

  test(`${what} is not taken for a repetition of a held call either`, () => {
    const ledger = new ToolCallLedger([called(first), answered(first)]);
    assert.equal(add(ledger, second), `${second}-2`);
  });
}

test('an id that looks like a repetition is no obstacle to one', () => {
  const ledger = new ToolCallLedger();
  assert.deepEqual(['a-2', 'a', 'a', 'a-2'].map((id) => add(ledger, id)), ['a-2', 'a', 'a-3', 'a-2-2']); // prettier-ignore
});

test('a result before its call, or of no call, belongs to none', () => {
  const ledger = new ToolCallLedger();
  assert.equal(ledger.answer('a'), undefined);
  add(ledger, 'a');
  assert.equal(ledger.answer('b'), undefined);
  assert.equal(ledger.answer('a'), 'a');
});

test('a result without an id belongs to the oldest open call without one, else to the oldest of all', () => {
  const ledger = new ToolCallLedger();
  const ids = ['a', '', 'b', ''].map((id) => add(ledger, id));
  assert.equal(new Set(ids).size, 4);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => ledger.answer('')), [ids[1], ids[3], 'a', 'b', undefined]); // prettier-ignore
});

test('a legacy result finds the oldest open call of its name in the legacy form only', () => {
  const ledger = new ToolCallLedger();
  add(ledger, 'a', { name: 'f' });
  add(ledger, 'b', { name: 'f', isLegacy: true });
  add(ledger, 'c', { name: 'g', isLegacy: true });
  add(ledger, 'd', { name: 'f', isLegacy: true });
  assert.deepEqual(['g', 'f', 'f', 'f'].map((name) => ledger.answerLegacy(name)), ['c', 'b', 'd', undefined]); // prettier-ignore
  assert.deepEqual(openIds(ledger), ['a']);
});

test('a call that was answered in one form is not answered again in the other', () => {
  const ledger = new ToolCallLedger();
  add(ledger, 'a', { isLegacy: true });
  assert.equal(ledger.answer('a'), 'a');
  assert.equal(ledger.answerLegacy('f'), undefined);
});

test('a held call without a result is answered by the id that the model saw, in the client’s characters, or by its name', () => {
  const held = [called('a_b', 'c', 'd'), answered('c')];
  const ledger = new ToolCallLedger(held);
  assert.equal(ledger.answer('c'), undefined);
  assert.equal(ledger.answer('a:b'), 'a_b');
  assert.equal(ledger.answerLegacy('f'), 'd');
  assert.deepEqual(openIds(ledger), []);
});

test('a new call of an id that is held is answered before the held one is', () => {
  const ledger = new ToolCallLedger([called('a_b')]);
  assert.equal(add(ledger, 'a:b'), 'a_b-2');
  assert.deepEqual([ledger.answer('a:b'), ledger.answer('a:b')], ['a_b-2', 'a_b']);
});

test('open calls are taken once, oldest first, up to a position, and the held ones before all', () => {
  const ledger = new ToolCallLedger([called('h')]);
  for (const [id, message] of [['a', 2], ['b', 2], ['c', 5]] as const) add(ledger, id, { message }); // prettier-ignore
  ledger.answer('b');
  assert.deepEqual(openIds(ledger, 5), ['h', 'a']);
  assert.equal(ledger.answer('a'), undefined);
  assert.deepEqual(openIds(ledger), ['c']);
  assert.deepEqual(openIds(ledger), []);
});

test('of any ids, held or new, no two are equal or a number apart, and every call is answered once', () => {
  const id = fc.oneof(fc.constantFrom('a', 'a_1', 'a_2', 'a-2', 'a:1', 'a_1_2', '', 'call_1', 'call'), fc.string());
  const heldIds = fc.uniqueArray(fc.constantFrom('a', 'b_1', 'call_0', 'call-2'), { maxLength: 3 });
  fc.assert(
    fc.property(heldIds, fc.array(id, { maxLength: 12 }), (held, ids) => {
      const ledger = new ToolCallLedger(held.length > 0 ? [called(...held), answered(...held)] : []);
      const modelIds = [...held, ...ids.map((clientId) => add(ledger, clientId))];
      assert.equal(new Set(modelIds).size, modelIds.length);
      for (const modelId of modelIds) {
        assert.match(modelId, /^[a-zA-Z0-9_-]+$/);
        assert.ok(
          !modelIds.some((other) => other !== modelId && other.replace(/_\d+$/, '') === modelId),
          modelIds.join(' '),
        );
      }
      const given = ids.filter((clientId) => clientId !== '').map((clientId) => ledger.answer(clientId));
      assert.ok(!given.includes(undefined));
      assert.equal(new Set(given).size, given.length);
      assert.equal(openIds(ledger).length, ids.length - given.length);
    }),
  );
});
