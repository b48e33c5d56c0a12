// Guarantee: what is sent of a long conversation begins with a whole turn, stays within the bound, and rarely changes its beginning.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { ConversationMessage } from '../claude-cli/turn/turn.ts';
import { historyWindow } from './history-window.ts';
import type { PlacedMessage } from './to-history.ts';

const user: ConversationMessage = { role: 'user', content: [{ type: 'text', text: 'q' }] };
const answer: ConversationMessage = { role: 'assistant', content: [{ type: 'text', text: 'a' }] };
const call: ConversationMessage = { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] };
const result: ConversationMessage = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'c', content: 'r' }],
};
const placed = (...messages: ConversationMessage[]): PlacedMessage[] =>
  messages.map((message, position) => ({ message, position }));
const turns = (count: number): PlacedMessage[] => placed(...Array.from({ length: count }, () => [user, answer]).flat());

test('up to the limit, with the new ones, everything is sent', () => {
  assert.deepEqual(historyWindow(turns(4), 1, 9), { messages: turns(4), dropped: 0 });
});

test('beyond it half is kept, with the new ones', () => {
  const { messages, dropped } = historyWindow(turns(10), 1, 20);
  assert.deepEqual([messages.length, dropped], [8, 12]);
  assert.equal(messages[0]?.position, 12);
});

test('growing by turns, the beginning changes once in many turns', () => {
  let stored = turns(1);
  let changes = 0;
  for (let turn = 1; turn <= 100; turn += 1) {
    const { messages, dropped } = historyWindow(stored, 1, 20);
    assert.ok(messages.length + 1 <= 20);
    if (dropped > 0) changes += 1;
    stored = [...messages, ...placed(user, answer)];
  }
  assert.ok(changes <= 20, `${changes} changes`);
});

test('a tool exchange is dropped whole, and never what the newest turn is made of', () => {
  const exchange = placed(user, answer, user, call, result, call, result);
  assert.deepEqual(historyWindow(exchange, 1, 6), { messages: exchange.slice(2), dropped: 2 });
  const one = placed(user, call, result, call, result, call);
  assert.deepEqual(historyWindow(one, 1, 2), { messages: one, dropped: 0 });
});

test('when even the last stored turn is too much, it stays: the results of calls need it', () => {
  const { messages } = historyWindow(placed(user, answer, user, call), 1, 2);
  assert.deepEqual(messages.map(({ position }) => position), [2, 3]); // prettier-ignore
});
