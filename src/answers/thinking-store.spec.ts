// Guarantee: thinking comes back with its calls, to nobody else, to no other model, and not for ever; no key takes the room of
// another.
import assert from 'node:assert/strict';
import { jest, test } from '@jest/globals';
import { fakeTimers } from '../../test/support/fake-timers.ts';
import type { AssistantBlock, Turn } from '../claude-cli/turn/turn.ts';
import { ThinkingStore } from './thinking-store.ts';

const thinking: AssistantBlock = { type: 'thinking', thinking: 'hm', signature: 's' };
const call: AssistantBlock = { type: 'tool_use', id: 'a', name: 'f', input: {} };
const turn: Turn = {
  model: 'm',
  system: [],
  history: [
    { role: 'user', content: [{ type: 'text', text: 'x' }] },
    { role: 'assistant', content: [call] },
  ],
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
  tools: [],
  settings: { thinking: 'on' },
};

test('the thinking of an answer is put before its calls again', () => {
  const store = new ThinkingStore();
  store.keep('alice', turn, [thinking, call]);
  assert.deepEqual(store.restore('alice', turn).history[1]?.content, [thinking, call]);
});

test('another key, another model and a turn without thinking do not get it', () => {
  const store = new ThinkingStore();
  store.keep('alice', turn, [thinking, call]);
  assert.deepEqual(store.restore('bob', turn).history, turn.history);
  assert.deepEqual(store.restore('alice', { ...turn, model: 'n' }).history, turn.history);
  assert.deepEqual(store.restore('alice', { ...turn, settings: { thinking: 'off' } }).history, turn.history);
});

test('it is bounded: the oldest is forgotten first', () => {
  const store = new ThinkingStore();
  store.keep('alice', turn, [thinking, call]);
  for (let index = 0; index < 2_000; index += 1) store.keep('alice', turn, [thinking, { ...call, id: `b${index}` }]);
  assert.deepEqual(store.restore('alice', turn).history, turn.history);
});

for (const [what, count, size] of [
  ['many short thoughts', 5_000, 10],
  ['few long ones', 100, 1024 * 1024],
] as const) {
  test(`${what} of one key do not push out the thinking of another, and are bounded`, () => {
    const store = new ThinkingStore();
    store.keep('alice', turn, [thinking, call]);
    const long: AssistantBlock = { type: 'thinking', thinking: 'x'.repeat(size), signature: 's' };
    const isKept = (tenant: string, id: string): boolean => {
      const history = [turn.history[0]!, { role: 'assistant' as const, content: [{ ...call, id }] }];
      return store.restore(tenant, { ...turn, history }).history[1]?.content.length === 2;
    };
    for (let index = 0; index < count; index += 1) store.keep('bob', turn, [long, { ...call, id: `b${index}` }]);
    assert.ok(isKept('alice', 'a'));
    const kept = Array.from({ length: count }, (_value, index) => isKept('bob', `b${index}`)).filter(Boolean).length;
    assert.ok(kept < 2_000 && kept * size < 32 * 1024 * 1024 && kept > 10, String(kept));
    assert.ok(isKept('bob', `b${count - 1}`));
  });
}

test('it is forgotten after an hour', () => {
  fakeTimers(['setTimeout', 'Date']);
  let clock = 1000;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => clock);
  const store = new ThinkingStore();
  store.keep('alice', turn, [thinking, call]);
  clock += 3_599_000;
  jest.advanceTimersByTime(3_599_000);
  assert.notEqual(store.restore('alice', turn), turn);
  clock += 2_000;
  jest.advanceTimersByTime(2_000);
  assert.equal(store.restore('alice', turn), turn);
  now.mockRestore();
  jest.useRealTimers();
});
