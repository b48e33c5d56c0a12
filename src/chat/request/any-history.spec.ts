// Guarantee: a conversation can go on after any history; what was said in it reaches the model in a form that it is given.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import { message } from '../../../test/support/request-bodies.ts';
import { understand } from '../../../test/support/understand.ts';

type Block = UserBlock | AssistantBlock;

/** The blocks of each message that the model is given, the last one included. */
function told(history: readonly unknown[]): (readonly Block[])[] {
  const { turn } = understand({ model: 'm', messages: [...history, { role: 'user', content: 'go on' }] });
  return [...turn.history, turn.message].map(({ content }) => content);
}

const anything = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
const part = fc.record({
  type: fc.oneof(
    anything,
    fc.constantFrom('text', 'image_url', 'image', 'file', 'document', 'input_audio', 'tool_use', 'tool_result', 'thinking', 'refusal'),
  ),
  text: anything,
  image_url: anything,
  source: anything,
  file: anything,
  id: anything,
  tool_use_id: anything,
  name: anything,
  input: anything,
  content: anything,
  thinking: anything,
}); // prettier-ignore
const wild = fc.record({
  role: fc.oneof(anything, fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool', 'function', 'model')),
  content: fc.oneof(anything, fc.array(part, { maxLength: 3 })),
  name: anything,
  tool_calls: fc.oneof(anything, fc.array(fc.record({ id: anything, type: anything, function: anything }))),
  function_call: anything,
  tool_call_id: anything,
  refusal: anything,
  audio: anything,
  is_error: anything,
});

test('whatever stands before the last message, the request is understood, and its calls and results belong together', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(message, wild, anything), { maxLength: 6 }), (history) => {
      const messages = told(history);
      assert.deepEqual(messages.at(-1)?.at(-1), { type: 'text', text: 'go on' });
      for (const [index, content] of messages.entries()) {
        assert.ok(content.length > 0);
        assert.ok(content.every((block) => block.type !== 'text' || block.text.trim() !== ''));
        const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
        const next = messages[index + 1] ?? [];
        const results = next.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
        assert.deepEqual(results.toSorted(), calls.toSorted());
        // Results stand before everything else.
        assert.ok(next.slice(0, results.length).every(({ type }) => type === 'tool_result'));
        for (const block of content) if (block.type === 'tool_use') assert.match(block.name, /^[a-zA-Z0-9_-]{1,64}$/);
      }
    }),
    { numRuns: 3000 },
  );
});

const call = (id: unknown, called: unknown): object => ({ id, type: 'function', function: called });
const TOLD: [what: string, history: unknown[], expected: string[][]][] = [
  ['null as the content of anybody', [{ role: 'system', content: null }, { role: 'user', content: null }, { role: 'assistant', content: null }, { role: 'tool', tool_call_id: 'x', content: null }], [['Result of the tool call "x":', 'go on']]],
  ['a result of nothing', [{ role: 'assistant', tool_calls: [call('x', { name: 'f', arguments: '{}' })] }, { role: 'tool', tool_call_id: 'x', content: null }], [['(no content)'], ['f {}'], ['x: undefined', 'go on']]],
  ['a name that no function can have', [{ role: 'assistant', tool_calls: [call('x', { name: 'functions.get weather', arguments: '{}' })] }, { role: 'tool', tool_call_id: 'x', content: 'r' }], [['(no content)'], ['functions_get_weather {}'], ['x: "r"', 'go on']]],
  ['arguments that are an object', [{ role: 'assistant', tool_calls: [call('x', { name: 'f', arguments: { a: [1] } })] }, { role: 'tool', tool_call_id: 'x', content: { ok: true } }], [['(no content)'], ['f {"a":[1]}'], ['x: "{\\"ok\\":true}"', 'go on']]],
  ['a call without anything', [{ role: 'assistant', tool_calls: [{}] }, { role: 'tool', content: 'r' }], [['(no content)'], ['unknown {}'], ['call_0: "r"', 'go on']]],
  ['ids that are numbers', [{ role: 'assistant', tool_calls: [call(7, { name: 'f', arguments: '' })] }, { role: 'tool', tool_call_id: 7, content: 'r' }], [['(no content)'], ['f {}'], ['7: "r"', 'go on']]],
  ['a call of a custom tool', [{ role: 'assistant', tool_calls: [{ id: 'x', type: 'custom', custom: { name: 'patch', input: '*** Begin' } }] }, { role: 'tool', tool_call_id: 'x', content: 'r' }], [['(no content)'], ['patch {"input":"*** Begin"}'], ['x: "r"', 'go on']]],
  ['roles of other libraries', [{ role: 'human', content: 'a' }, { role: 'ai', content: 'b' }, { role: 'Model', content: 'c' }], [['a'], ['b', 'c'], ['go on']]],
  ['a role that nobody has', [{ role: 'wizard', content: 'x' }], [['[wizard] x', 'go on']]],
  ['content that is a single part', [{ role: 'user', content: { type: 'text', text: 'a' } }], [['a', 'go on']]],
  ['content of texts alone', [{ role: 'user', content: ['a', 'b'] }, { role: 'assistant', content: ['c'] }], [['a', 'b'], ['c'], ['go on']]],
  ['audio', [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }], [['[input_audio] {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}', 'go on']]],
  ['an audio answer, with what was said', [{ role: 'assistant', audio: { id: 'a', transcript: 'hello' } }], [['(no content)'], ['hello'], ['go on']]],
  ["an image that an assistant has made", [{ role: 'assistant', content: [{ type: 'image_url', image_url: { url: 'https://a' } }] }], [['(no content)'], ['[image_url] {"type":"image_url","image_url":{"url":"https://a"}}'], ['go on']]],
  ['a call of a tool of Anthropic\'s servers', [{ role: 'assistant', content: [{ type: 'server_tool_use', id: 'x', name: 'web_search', input: {} }] }], [['(no content)'], ['[server_tool_use] {"type":"server_tool_use","id":"x","name":"web_search","input":{}}'], ['go on']]],
  ['a message that is none', ['a', null, 5, [1]], [['a', '5', '[1]', 'go on']]],
]; // prettier-ignore
for (const [what, history, expected] of TOLD) {
  test(`a conversation goes on after ${what}`, () => {
    assert.deepEqual(told(history).map((content) => content.map(words)), expected); // prettier-ignore
  });
}

test('the data of a part that is told in words is cut', () => {
  const [[block]] = told([{ role: 'user', content: [{ type: 'video', data: 'A'.repeat(1_000_000) }] }]) as [[Block]];
  assert.ok(block.type === 'text' && block.text.length < 2_000);
});

function words(block: Block): string {
  if (block.type === 'text') return block.text;
  if (block.type === 'tool_use') return `${block.name} ${JSON.stringify(block.input)}`;
  return block.type === 'tool_result' ? `${block.tool_use_id}: ${JSON.stringify(block.content)}` : block.type;
}
