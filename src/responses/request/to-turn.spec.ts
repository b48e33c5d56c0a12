// Guarantee: what a request says as items is, in the turn, the same history that the client means.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { SEALED, understandResponse } from '../../../test/support/understand-response.ts';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import type { StoredItem } from '../../conversations/store/conversation-store.ts';

const ask = (more: object): object => ({ model: 'claude-sonnet-4-5', input: 'hello', ...more });
const understand = (more: object): MappedTurn => understandResponse(ask(more));
const user = (content: unknown): object => ({ role: 'user', content });
const weather = { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } };
const patch = { type: 'custom', name: 'patch', description: 'Edits.' };

test('calls and results of all forms are native', () => {
  const { turn } = understand({
    tools: [weather, patch],
    input: [
      user('go'),
      { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'Looking.', annotations: [] }] },
      { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: '+x' },
      { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_text', text: 'sunny' }] },
      { type: 'custom_tool_call_output', call_id: 'b', output: 'applied' },
    ],
  }); // prettier-ignore
  assert.deepEqual(turn.history, [
    { role: 'user', content: [{ type: 'text', text: 'go' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Oslo' } },
        { type: 'tool_use', id: 'b', name: 'patch', input: { input: '+x' } },
      ],
    },
  ]);
  assert.deepEqual(turn.message.content, [
    { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'sunny' }] },
    { type: 'tool_result', tool_use_id: 'b', content: 'applied' },
  ]);
});

test('instructions stand before the system messages of the input, and only these are stored', () => {
  const { turn, continuation } = understand({
    instructions: 'I',
    input: [{ role: 'system', content: 'S' }, { role: 'developer', content: [{ type: 'input_text', text: 'D' }] }, user('x')], // prettier-ignore
  });
  assert.deepEqual(turn.system, ['I', 'S', 'D']);
  assert.deepEqual(continuation?.system, ['S', 'D']);
});

test('reasoning stands before what it led to; at the end of an answer, and without encrypted content, it is left out', () => {
  const sealed = { type: 'reasoning', summary: [], encrypted_content: SEALED };
  const bare = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] };
  const answer = { role: 'assistant', content: 'Yes.' };
  const { turn, ignored } = understand({
    reasoning: { effort: 'high' },
    input: [user('1'), sealed, answer, user('2'), answer, sealed, user('3'), bare, answer, user('4')],
  });
  assert.deepEqual(
    turn.history.map(({ content }) => content.map(({ type }) => type)),
    [['text'], ['thinking', 'text'], ['text'], ['text'], ['text'], ['text']],
  );
  assert.deepEqual(ignored, ['input.reasoning (without encrypted_content)']);
});

test('thinking is left out, and named, while the model does not think', () => {
  const sealed = { type: 'reasoning', summary: [], encrypted_content: SEALED };
  const { turn, ignored } = understand({
    input: [user('1'), sealed, { role: 'assistant', content: 'Yes.' }, user('2')],
  });
  assert.deepEqual(turn.history[1]?.content, [{ type: 'text', text: 'Yes.' }]);
  assert.deepEqual(ignored, ['input.reasoning (not available while the model does not think)']);
});

test('items of agents that have no counterpart are told in words or left out, and named', () => {
  const { turn, ignored } = understand({
    input: [
      user('go'),
      { type: 'local_shell_call', call_id: 'a', action: { command: ['ls'] } },
      { type: 'local_shell_call_output', call_id: 'a', output: 'file' },
      { type: 'compaction', encrypted_content: 'x' },
      { type: 'additional_tools', tools: [] },
    ],
  });
  assert.match(JSON.stringify(turn.history[1]), /\[local_shell_call\].*ls/);
  assert.match(JSON.stringify(turn.message), /\[local_shell_call_output\].*file/);
  assert.deepEqual(ignored, [
    'input.local_shell_call (passed on as text)',
    'input.local_shell_call_output (passed on as text)',
    'input.compaction',
    'input.additional_tools',
  ]);
});

test('a string among the items is a message of the user', () => {
  assert.deepEqual(understand({ input: ['one'] }).turn.message.content, [{ type: 'text', text: 'one' }]);
});

test('calls without a result are refused where they end the input', () => {
  const call = { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{}' };
  assert.throws(() => understand({ tools: [weather], input: [user('go'), call] }), { status: 400, param: 'input[1]' });
});

for (const [what, more, choice, tools] of [
  ['none', { tools: [weather], tool_choice: 'none' }, { type: 'none' }, ['weather']],
  ['required', { tools: [weather], tool_choice: 'required' }, { type: 'any' }, ['weather']],
  ['a function', { tools: [weather, patch], tool_choice: { type: 'function', name: 'weather' } }, { type: 'tool', name: 'weather' }, ['weather', 'patch']],
  ['a custom tool', { tools: [weather, patch], tool_choice: { type: 'custom', name: 'patch' } }, { type: 'tool', name: 'patch' }, ['weather', 'patch']],
  ['allowed tools', { tools: [weather, patch], tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'custom', name: 'patch' }] } }, { type: 'any' }, ['patch']],
  ['one call at a time', { tools: [weather], parallel_tool_calls: false }, { type: 'auto', disableParallelToolUse: true }, ['weather']],
  ['a tool of a namespace', { tools: [{ type: 'namespace', name: 'n', tools: [weather] }], tool_choice: { type: 'function', name: 'weather', namespace: 'n' } }, { type: 'tool', name: 'n__weather' }, ['n__weather']],
] as const) {
  test(`tool_choice: ${what}`, () => {
    const { turn } = understand(more);
    assert.deepEqual(turn.settings.toolChoice, choice);
    assert.deepEqual(turn.tools.map(({ name }) => name), tools); // prettier-ignore
  });
} // prettier-ignore

for (const [what, more, param] of [
  ['a choice of a tool that is not there', { tools: [weather], tool_choice: { type: 'function', name: 'x' } }, 'tool_choice'],
  ['a forced tool of the provider', { tools: [weather], tool_choice: { type: 'web_search' } }, 'tool_choice'],
  ['required without tools', { tool_choice: 'required' }, 'tool_choice'],
  ['two tools of one name', { tools: [weather, { ...patch, name: 'weather' }] }, 'tools[1].name'],
  ['parameters that are no object', { tools: [{ ...weather, parameters: { type: 'array' } }] }, 'tools[0].parameters.type'],
  ['an image of the assistant', { input: [{ role: 'assistant', content: [{ type: 'input_image', image_url: 'https://a/b' }] }, user('x')] }, 'input[0].content[0]'],
  ['an unknown part', { input: [user([{ type: 'input_audio' }])] }, 'input[0].content[0].type'],
  ['a format without its schema', { text: { format: { type: 'json_schema', name: 'n' } } }, 'text.format.schema'],
  ['a schema that cannot be met', { text: { format: { type: 'json_schema', name: 'n', schema: { $ref: '#/x' } } } }, 'text.format.schema.$ref'],
  ['metadata that is too long', { metadata: { a: 'x'.repeat(513) } }, 'metadata'],
  ['log probabilities', { include: ['message.output_text.logprobs'] }, 'include[0]'],
] as const) {
  test(`${what} is refused by its name`, () => {
    assert.throws(() => understand(more), { status: 400, param });
  });
} // prettier-ignore

test('stored system texts are told again by a client that sends its whole history, and not twice', () => {
  const item = (role: StoredItem['role'], text: string, position: number): StoredItem => ({ id: `i${position}`, kind: 'message', role, position, content: [{ type: 'text', text }], ...(role === 'assistant' && { model: 'claude-sonnet-4-5' }) }); // prettier-ignore
  const held = {
    items: [item('system', 'S', 0), item('user', '1', 1024), item('assistant', 'one', 1025)],
    historyStart: 0,
    droppedMessages: 0,
    maxMessages: 20,
  };
  const system = { role: 'system', content: 'S' };
  const retold = [system, user('1'), { role: 'assistant', content: 'one' }, user('2')];
  for (const input of [retold, [user('2')], [{ role: 'system', content: 'T' }, user('2')]]) {
    const { turn, continuation } = understandResponse(ask({ input }), held);
    const isNew = input.length === 2;
    assert.deepEqual(turn.system, isNew ? ['S', 'T'] : ['S']);
    assert.deepEqual(continuation?.system, isNew ? ['S', 'T'] : undefined);
    assert.equal(turn.history.length, 2);
    assert.deepEqual(continuation?.added, [{ role: 'user', content: [{ type: 'text', text: '2' }] }]);
  }
});
