// Guarantee: a conversation keeps of a turn what the client was told and what the model can be given again, and what it cost,
// whatever the end of the turn.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { finish, MODEL } from '../../test/support/turn-events.ts';
import { heldDigest, messageDigest } from '../claude-cli/session/message-digest.ts';
import type { AssistantBlock, ConversationMessage, Turn, TurnFinish } from '../claude-cli/turn/turn.ts';
import type { ConversationChange, NewItem } from '../conversations/store/conversation-store.ts';
import { AnswerTotals } from '../turns/answer-totals.ts';
import type { Continuation } from './continue-conversation.ts';
import { requestRecord, turnRecord, type EndedTurn } from './turn-record.ts';

const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
const call: AssistantBlock = { type: 'tool_use', id: 'a', name: 'f', input: {} };
const thinking: AssistantBlock = { type: 'thinking', thinking: 'hm', signature: 's' };
const user = (value: string): ConversationMessage & { role: 'user' } => ({ role: 'user', content: [text(value)] });
const assistant = (...content: AssistantBlock[]): ConversationMessage => ({ role: 'assistant', content });

const turn: Turn = {
  model: 'sonnet',
  system: ['S'],
  history: [user('one'), assistant(text('two'))],
  message: user('three'),
  tools: [],
  settings: {},
};
const continuation: Continuation = {
  added: [user('three')],
  system: undefined,
  historyStart: 1030,
  droppedMessages: 6,
};

function record(end: TurnFinish, told: string, more: Partial<EndedTurn> = {}): ConversationChange {
  const totals = new AnswerTotals();
  totals.accept({ choice: 0, event: end });
  const ended = {
    turn,
    continuation: undefined,
    model: 'my-model',
    finish: end,
    text: told,
    totals,
    isHeld: true,
    ...more,
  };
  return turnRecord({ record: requestRecord(ended.turn, ended.continuation), ...ended });
}

/** What the answer is stored as, behind the four items of the request. */
const answerItems = ({ items = [] }: ConversationChange): readonly NewItem[] => items.slice(4);
const answerBlocks = (change: ConversationChange): unknown[] => answerItems(change).flatMap(({ content }) => content);

test('a turn that begins a conversation adds its system texts, all that was said, and the answer', () => {
  const change = record(finish('stop', { content: [text('four')], costUsd: 0.5 }), 'four');
  assert.deepEqual(change, {
    model: 'my-model',
    usage: { promptTokens: 19, cachedTokens: 5, completionTokens: 7, reasoningTokens: 2 },
    costUsd: 0.5,
    items: [
      { kind: 'message', role: 'system', content: [text('S')] },
      { kind: 'message', role: 'user', content: [text('one')] },
      { kind: 'message', role: 'assistant', content: [text('two')], model: 'sonnet' },
      { kind: 'message', role: 'user', content: [text('three')] },
      { kind: 'message', role: 'assistant', content: [text('four')], model: 'sonnet' },
    ],
    replacesSystem: true,
    isAdmitted: true,
    head: heldDigest([...turn.history, turn.message, assistant(text('four'))].map(messageDigest)),
  });
});

test('a turn that goes on adds only what is new, and where what is sent begins', () => {
  const change = record(finish('stop', { content: [text('four')] }), 'four', { continuation });
  assert.deepEqual(change.items?.map(({ role, content }) => [role, ...content]), [
    ['user', text('three')],
    ['assistant', text('four')],
  ]); // prettier-ignore
  assert.deepEqual([change.replacesSystem, change.historyStart, change.droppedMessages], [false, 1030, 6]);
  assert.equal(change.head, heldDigest([...turn.history, turn.message, assistant(text('four'))].map(messageDigest)));
});

test('other system texts than before replace these', () => {
  const { items, replacesSystem } = requestRecord(turn, { ...continuation, system: ['T'] });
  assert.deepEqual([items.map(({ role }) => role), replacesSystem], [['system', 'user'], true]);
});

test('a refused turn adds what it cost and nothing to continue', () => {
  const change = record(finish('refusal', { content: [text('Well, ')], costUsd: 0.5 }), 'Well, ', { continuation });
  assert.deepEqual(change, {
    model: 'my-model',
    usage: { promptTokens: 19, cachedTokens: 5, completionTokens: 7, reasoningTokens: 2 },
    costUsd: 0.5,
  });
});

test('a cost that is not known is not taken for none', () => {
  assert.ok(!('costUsd' in record(finish(), '')));
  assert.equal(record(finish('stop', { costUsd: 0 }), '').costUsd, 0);
});

test('the cost and the tokens are those of every choice', () => {
  const totals = new AnswerTotals();
  for (const choice of [0, 1]) totals.accept({ choice, event: finish('stop', { costUsd: 0.25 }) });
  const { costUsd, usage } = record(finish(), '', { totals });
  assert.deepEqual([costUsd, usage?.promptTokens, usage?.completionTokens], [0.5, 38, 14]);
});

test('calls are kept with the thinking that led to them', () => {
  const change = record(finish('tool-calls', { content: [thinking, text('Let me look.'), call] }), 'Let me look.');
  assert.deepEqual(
    answerItems(change).map(({ kind, content }) => [kind, ...content]),
    [
      ['message', thinking, text('Let me look.')],
      ['function_call', call],
    ],
  );
});

test('of an answer that was cut off its text is kept, and no call', () => {
  const change = record(finish('length', { content: [text('Let me'), call] }), 'Let me');
  assert.deepEqual(answerBlocks(change), [text('Let me')]);
});

test('an answer that was cut off before its first word adds none', () => {
  const change = record(finish('length', { content: [thinking, text(''), call] }), '');
  assert.deepEqual(answerBlocks(change), []);
  assert.equal(change.items?.length, 4);
});

test('what the client was not told is not kept: the answer ended at a stop sequence', () => {
  const change = record(finish('stop', { content: [thinking, text('a\n\nb')] }), 'a');
  assert.deepEqual(answerBlocks(change), [text('a')]);
  assert.equal(change.head, heldDigest([...turn.history, turn.message, assistant(text('a'))].map(messageDigest)));
});

test('what the client was told before the last message of the model is kept, with the calls of that', () => {
  const change = record(finish('tool-calls', { content: [text('Now.'), call] }), 'First. Now.');
  assert.deepEqual(answerBlocks(change), [text('First. Now.'), call]);
});

test('a text that was told in several blocks is the same text', () => {
  const content = [text('a'), thinking, text('b')];
  assert.deepEqual(answerBlocks(record(finish('stop', { content }), 'ab')), content);
});

test('an answer without words is kept as its calls alone', () => {
  assert.deepEqual(answerBlocks(record(finish('tool-calls', { content: [text(''), call] }), '')), [call]);
});

test('what no process holds, since it came from the cache, has no head', () => {
  const change = record(finish('stop', { content: [text('x')], model: MODEL }), 'x', { isHeld: false });
  assert.ok(!('head' in change));
  assert.deepEqual(answerBlocks(change), [text('x')]);
});

test('the head is of what the process holds: under the names of properties that the model was given', () => {
  const schema = { type: 'object', properties: { $top: { type: 'integer' } } };
  const tools = [{ name: 'f', inputSchema: schema }];
  const made: AssistantBlock = { type: 'tool_use', id: 'a', name: 'f', input: { $top: 1 } };
  const change = record(finish('tool-calls', { content: [made] }), '', { turn: { ...turn, tools } });
  assert.deepEqual(answerBlocks(change), [made]);
  const underClientNames = heldDigest([...turn.history, turn.message, assistant(made)].map(messageDigest));
  assert.ok(change.head !== undefined && change.head !== underClientNames);
});
