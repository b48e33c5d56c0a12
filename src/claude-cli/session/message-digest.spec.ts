// Guarantee: digests are equal for messages that say the same, and different for any others.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { messageDigest, sharedPrefixLength } from './message-digest.ts';
import type { ConversationMessage } from '../turn/turn.ts';

const user = (...texts: string[]): ConversationMessage => ({
  role: 'user',
  content: texts.map((text) => ({ type: 'text', text })),
});
const assistant = (...texts: string[]): ConversationMessage => ({
  role: 'assistant',
  content: texts.map((text) => ({ type: 'text', text })),
});

test('different texts, roles or boundaries of a user’s blocks give different digests', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (left, right) => {
      const isSame = JSON.stringify(left) === JSON.stringify(right);
      assert.equal(messageDigest(user(...left)) === messageDigest(user(...right)), isSame);
      assert.notEqual(messageDigest(user(...left)), messageDigest(assistant(...left)));
    }),
  );
});

test('an answer is known by its text and calls: neither thinking nor the cut of its text matters', () => {
  const call = (input: object): ConversationMessage => ({
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'a', name: 'f', input }],
  });
  assert.equal(messageDigest(assistant('ab', 'c')), messageDigest(assistant('abc')));
  const thinking = { type: 'thinking' as const, thinking: 'hm', signature: 's' };
  assert.equal(
    messageDigest({ role: 'assistant', content: [thinking, { type: 'text', text: 'abc' }] }),
    messageDigest(assistant('abc')),
  );
  assert.equal(messageDigest(call({ a: 1, b: { c: 2, d: 3 } })), messageDigest(call({ b: { d: 3, c: 2 }, a: 1 })));
  assert.notEqual(messageDigest(call({ a: 1 })), messageDigest(call({ a: 2 })));
});

test('an image or document is known by its type, its content and its title', () => {
  const image = (data: string, media_type: 'image/png' | 'image/gif' = 'image/png'): ConversationMessage => ({
    role: 'user',
    content: [{ type: 'image', source: { type: 'base64', media_type, data } }],
  });
  const text = (data: string, title?: string): ConversationMessage => ({
    role: 'user',
    content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data }, title }],
  });
  const messages = [
    image('AAAA'),
    image('AAAB'),
    image('AAAA', 'image/gif'),
    text('AAAA'),
    text('AAAA', 'a'),
    text('AAAA', 'b'),
    user('AAAA'),
    // The digest that stands for the content of the first one.
    image('Y8HdlR/+329/2WitTvo5uO1YTxYvRucVEU7hhPjekgE='),
  ];
  assert.equal(new Set(messages.map(messageDigest)).size, messages.length);
  assert.equal(messageDigest(image('AAAA')), messageDigest(image('AAAA')));
});

test('large texts are told apart as small ones are, and from their own digests', () => {
  const large = 'x'.repeat(10_000);
  const digest = createHash('sha256').update(large).digest('base64');
  const messages = [
    ...[large, `${large}y`, `${large}\ud800`, `${large}\ud801`, digest].flatMap((text) => [
      user(text),
      assistant(text),
    ]),
    user(large, large),
    user(`${large}${large}`),
    user(JSON.stringify({ type: 'text', digest })),
  ];
  assert.equal(new Set(messages.map(messageDigest)).size, messages.length);
  assert.equal(messageDigest(assistant(large, 'y')), messageDigest(assistant(`${large}y`)));
});

test('the shared prefix ends at the first difference', () => {
  assert.equal(sharedPrefixLength(['a', 'b', 'c'], ['a', 'b', 'd']), 2);
  assert.equal(sharedPrefixLength([], ['a']), 0);
});
