// Guarantee: only what says exactly all that a conversation holds is taken as known.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { ConversationMessage } from '../../claude-cli/turn/turn.ts';
import { knownMessages } from '../../turns/messages/known-messages.ts';
import { chatMessages } from './chat-messages.ts';
import type { ChatMessage } from './dto/chat-completion-request.ts';

const known = (messages: ChatMessage[], held: readonly ConversationMessage[]): number =>
  knownMessages(chatMessages(messages, new Map()), held);

const said = (text: string): ConversationMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const held: ConversationMessage[] = [
  said('one'),
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: 's' },
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'look.' },
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 1, y: 2 } },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'r' }] },
  { role: 'assistant', content: [{ type: 'text', text: 'Done.' }] },
];
const user = (content: string): ChatMessage => ({ role: 'user', content });
const retold: ChatMessage[] = [
  { role: 'system', content: 'S' },
  { role: 'user', content: [{ type: 'text', text: 'one' }] },
  {
    role: 'assistant',
    content: 'Let me look.',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"y":2,"x":1}' } }],
  },
  { role: 'tool', tool_call_id: 'a', content: 'r' },
  { role: 'assistant', content: 'Done.' },
];

for (const [what, messages, expected] of [
  ['everything and something new', [...retold, user('two')], 5],
  ['everything and nothing new', retold, 5],
  ['a part of it', retold.slice(0, 4), 0],
  ['an edit', [user('edited'), ...retold.slice(2), user('two')], 0],
  ['another answer', [...retold.slice(0, 4), { role: 'assistant', content: 'Done!' }, user('two')], 0],
  ['only what is new', [user('two')], 0],
  ['results of calls that are held', [{ role: 'tool', tool_call_id: 'b', content: 'r' }], 0],
  ['an answer that goes on longer', [...retold, { role: 'assistant', content: 'More.' }, user('two')], 5],
] satisfies [string, ChatMessage[], number][]) {
  test(`${what}: ${expected} messages are known`, () => {
    assert.equal(known(messages, held), expected);
  });
}

test('what is told again with a result that was missing, or came late, is known', () => {
  const call = { id: 'a', type: 'function' as const, function: { name: 'f', arguments: '{}' } };
  const calling: ConversationMessage = {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }],
  };
  const answer: ConversationMessage = { role: 'assistant', content: [{ type: 'text', text: 'x' }] };
  const result = { type: 'tool_result' as const, tool_use_id: 'a' };
  const missing = { ...result, content: 'No result was given for this call.', is_error: true };
  const told: ChatMessage[] = [user('one'), { role: 'assistant', tool_calls: [call] }, user('never mind')];
  const end: ChatMessage[] = [{ role: 'assistant', content: 'x' }, user('two')];
  const holding = (content: object): ConversationMessage[] => [
    said('one'),
    calling,
    { role: 'user', content: [content, { type: 'text', text: 'never mind' }] as never },
    answer,
  ];
  assert.equal(known([...told, ...end], holding(missing)), 4);
  const late: ChatMessage = { role: 'tool', tool_call_id: 'a', content: 'r' };
  assert.equal(known([...told, late, ...end], holding({ ...result, content: 'r' })), 5);
  assert.equal(known([...told, late, ...end], holding(missing)), 0);
});

test('two messages of the user in a row are the same as one of two parts', () => {
  const answer: ConversationMessage = { role: 'assistant', content: [{ type: 'text', text: 'x' }] };
  const together: ConversationMessage[] = [{ role: 'user', content: [...said('a').content, ...said('b').content] as never }, answer]; // prettier-ignore
  assert.equal(known([user('a'), user('b'), { role: 'assistant', content: 'x' }, user('c')], together), 3);
});

test('an answer that was told in a thousand messages is the same as in one, and another one of its length is not', () => {
  const pieces = Array.from({ length: 1000 }, (_value, index) => `piece ${index} `.repeat(500));
  const answer = pieces.join('');
  const told: ChatMessage[] = [user('one'), ...pieces.map((content) => ({ role: 'assistant' as const, content }))];
  const holding = (text: string): ConversationMessage[] => [
    said('one'),
    { role: 'assistant', content: [{ type: 'text', text }] },
  ];
  assert.equal(known([...told, user('two')], holding(answer)), told.length);
  assert.equal(known([...told, user('two')], holding(`${answer.slice(0, -1)}!`)), 0);
});

test('of an empty conversation nothing is known', () => {
  assert.equal(known(retold, []), 0);
});
