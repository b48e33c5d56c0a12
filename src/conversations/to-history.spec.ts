// Guarantee: a history that was stored comes back to the byte, and what was edited by hand never has half a tool exchange.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import type { AssistantBlock, ConversationMessage, UserBlock } from '../claude-cli/turn/turn.ts';
import { lighten, restore } from './store/large-texts.ts';
import type { NewItem, StoredItem } from './store/conversation-store.ts';
import { toHistory } from './to-history.ts';
import { systemItem, systemItems, toItems } from './to-items.ts';

const MODEL = 'claude-a';

/** As the storage gives items back: through JSON, large texts apart. */
function stored(items: readonly NewItem[]): StoredItem[] {
  return items.map((item, index) => {
    const { json, texts } = lighten(item.content);
    return { ...item, content: restore(json, texts) as NewItem['content'], id: `msg_${index}`, position: 1024 + index };
  });
}

const words = fc.oneof(fc.string({ minLength: 1 }), fc.constant('x'.repeat(3_000)), fc.constant('__proto__'));
const text = words.map((value) => ({ type: 'text' as const, text: value }));
const image = words.map((data) => ({
  type: 'image' as const,
  source: { type: 'base64' as const, media_type: 'image/png' as const, data },
}));
const thinking = fc
  .tuple(words, words)
  .map(([value, signature]) => ({ type: 'thinking' as const, thinking: value, signature }));
const input = fc.dictionary(words, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });

/** Turns of a question, answers with calls and their results, and an answer. */
const conversation = fc
  .array(
    fc.record({
      question: fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }),
      steps: fc.array(fc.array(fc.tuple(input, words), { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
      thinking: fc.option(thinking, { nil: undefined }),
      answer: fc.array(text, { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((turns) => {
    let calls = 0;
    return turns.flatMap(({ question, steps, thinking: thought, answer }): ConversationMessage[] => [
      { role: 'user', content: question },
      ...steps.flatMap((step): ConversationMessage[] => {
        const ids = step.map(() => `call_${(calls += 1)}`);
        const made = step.map(([value], index): AssistantBlock => ({ type: 'tool_use', id: ids[index]!, name: 'f', input: value })); // prettier-ignore
        const results = step.map(([, said], index): UserBlock => ({ type: 'tool_result', tool_use_id: ids[index]!, content: said })); // prettier-ignore
        return [
          { role: 'assistant', content: [...(thought ? [thought] : []), ...made] },
          { role: 'user', content: results },
        ];
      }),
      { role: 'assistant', content: [...(thought ? [thought] : []), ...answer] },
    ]);
  });

const spokenBy = (message: ConversationMessage): NewItem[] =>
  toItems(message, message.role === 'assistant' ? MODEL : undefined);

test('any history comes back to the byte', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const { messages: back } = toHistory(stored(messages.flatMap(spokenBy)), MODEL);
      assert.equal(JSON.stringify(back.map(({ message }) => message)), JSON.stringify(messages));
    }),
  );
});

test('another model is not given the thinking, and everything else', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const { messages: back } = toHistory(stored(messages.flatMap(spokenBy)), 'claude-b');
      const expected = messages.map(({ role, content }) => ({
        role,
        content: content.filter(({ type }) => type !== 'thinking'),
      }));
      assert.deepEqual(back.map(({ message }) => message), JSON.parse(JSON.stringify(expected))); // prettier-ignore
    }),
  );
});

test('whatever items are deleted, roles alternate and every call has its result right after it', () => {
  fc.assert(
    fc.property(conversation, fc.array(fc.boolean()), (messages, deleted) => {
      const items = stored(messages.flatMap(spokenBy)).filter((_item, index) => deleted[index] !== true);
      const back = toHistory(items, MODEL).messages.map(({ message }) => message);
      for (const [index, message] of back.entries()) {
        assert.ok(message.content.length > 0);
        assert.notEqual(message.role, back[index + 1]?.role);
        const calls = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
        const results = back[index + 1]?.content.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : [])); // prettier-ignore
        // The last calls may still be waiting for some of their results.
        const isLast = index === back.length - 2;
        if (message.role === 'assistant' && results) {
          assert.deepEqual(results, isLast ? calls.filter((id) => results.includes(id)) : calls);
        }
      }
      assert.ok(back[0]?.role !== 'user' || back[0].content.every(({ type }) => type !== 'tool_result'));
    }),
  );
});

test('system texts are apart, in their order', () => {
  const items = stored([systemItem('one'), systemItem('two'), ...toItems({ role: 'user', content: [{ type: 'text', text: 'hi' }] })]); // prettier-ignore
  const { system, messages } = toHistory(items, undefined);
  assert.deepEqual([system, messages.length], [['one', 'two'], 1]);
});

test('calls at the end stay open for the results that come next', () => {
  const items = stored(toItems({ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] }));
  assert.equal(toHistory(items, undefined).messages.length, 1);
});

test('system texts come back in their order, more than a conversation has places for too', () => {
  const texts = Array.from({ length: 2_000 }, (_value, index) => `text ${index}`);
  const items = systemItems(texts);
  assert.ok(items.length < 1_000);
  assert.deepEqual(toHistory(stored(items), MODEL).system, texts);
});
