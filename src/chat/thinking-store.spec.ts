// Guarantee: thinking comes back with its calls, to nobody else, to no other model, and not for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AssistantBlock, Turn } from '../claude-cli/turn.ts';
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
