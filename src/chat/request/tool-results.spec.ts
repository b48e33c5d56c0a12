// Guarantee: every call of a conversation has a result, every result is told, and errors are errors.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { understand } from '../../../test/support/understand.ts';
import type { Turn } from '../../claude-cli/turn/turn.ts';

const map = (messages: readonly object[]): Turn => understand({ model: 'm', messages }).turn;

const user = (content: unknown): object => ({ role: 'user', content });
const assistant = (content: unknown, more: object = {}): object => ({ role: 'assistant', content, ...more });
const system = (content: unknown): object => ({ role: 'system', content });
const texts = (...parts: string[]): object[] => parts.map((text) => ({ type: 'text', text }));
const f = (json: string): object => ({ name: 'f', arguments: json });
const calls = (...ids: string[]): object => ({ tool_calls: ids.map((id) => ({ id, type: 'function', function: f('{}') })) }); // prettier-ignore
const result = (id: string, content: unknown = 'r'): object => ({ role: 'tool', tool_call_id: id, content });
const used = (id: string, content: unknown, more: object = {}): object => ({ type: 'tool_result', tool_use_id: id, content, ...more }); // prettier-ignore
const image = { type: 'image_url', image_url: { url: 'data:,' } };

test('a result that says it is an error is one, and its images stand behind it, since the API takes text only', () => {
  const messages = [
    user('a'),
    assistant(null, calls('1', '2')),
    { ...result('1', [...texts('x'), image]), is_error: true },
  ];
  assert.deepEqual(map([...messages, user([used('2', 'y', { is_error: true })])]).message.content, [
    { type: 'tool_result', tool_use_id: '1', content: texts('x'), is_error: true },
    { type: 'tool_result', tool_use_id: '2', content: 'y', is_error: true },
    { type: 'image', source: { type: 'url', url: 'data:,' } },
  ]);
});

const missing = (id: string): object => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'No result was given for this call.',
  is_error: true,
});
test('a call without a result is told to have none, wherever the conversation goes on', () => {
  const { history, message } = map([
    user('a'),
    assistant(null, calls('x', 'y')),
    result('y'),
    assistant('b', { function_call: f('{}') }),
    system('S'),
    user('c'),
    assistant('d', calls('z')),
    user('e'),
  ]);
  assert.deepEqual(
    [...history, message].filter(({ role }) => role === 'user').map(({ content }) => content),
    [
      texts('a'),
      [{ type: 'tool_result', tool_use_id: 'y', content: 'r' }, missing('x')],
      [missing('call_3'), ...texts('c')],
      [missing('z'), ...texts('e')],
    ],
  );
});

test('a call that lacks one of its results at the end is told so', () => {
  const { message } = map([user('a'), assistant(null, calls('x', 'y')), result('x')]);
  assert.deepEqual(message.content, [{ type: 'tool_result', tool_use_id: 'x', content: 'r' }, missing('y')]);
});

const LOOSE: [what: string, messages: object[], told: object[]][] = [
  ['whose call is not there', [user('a'), result('x', 'sunny')], texts('a', 'Result of the tool call "x":', 'sunny')],
  ['whose call was cut off from the history', [result('x', 'sunny'), user('a')], texts('Result of the tool call "x":', 'sunny', 'a')],
  ['that is the second of its call', [user('a'), assistant(null, calls('x')), result('x', 'one'), result('x', 'two')], [{ type: 'tool_result', tool_use_id: 'x', content: 'one' }, ...texts('Result of the tool call "x":', 'two')]],
  ['that comes after the next answer', [assistant(null, calls('x')), user('a'), assistant('b'), result('x', [image])], [...texts('Result of the tool call "x":'), { type: 'image', source: { type: 'url', url: 'data:,' } }]],
  ['of a legacy call that is not there', [user('a'), { role: 'function', name: 'f', content: null }], texts('a', 'Result of the tool call "f":')],
  ['in the form of Anthropic, of an error', [user([used('x', 'broken', { is_error: true })])], texts('Error of the tool call "x":', 'broken')],
  ['that names no call', [user('a'), result('', 'sunny')], texts('a', 'Result of a tool call:', 'sunny')],
]; // prettier-ignore
for (const [what, messages, told] of LOOSE) {
  test(`a result ${what} is told in words`, () => assert.deepEqual(map(messages).message.content, told));
}

test('calls and results without ids belong together in their order', () => {
  const { history, message } = map([
    user('a'),
    assistant(null, calls('', '')),
    result('', 'one'),
    result('', 'two'),
    assistant('b', calls('x', 'y')),
    result('', 'of x'),
    result('y', 'of y'),
  ]);
  const told = [...history, message].flatMap(({ content }) => content as readonly { type: string }[]);
  assert.deepEqual(
    told.filter(({ type }) => type.startsWith('tool_')).map(({ id, tool_use_id: of, content }: Record<string, unknown>) => id ?? [of, content]),
    ['call_0', 'call_1', ['call_0', 'one'], ['call_1', 'two'], 'x', 'y', ['x', 'of x'], ['y', 'of y']],
  ); // prettier-ignore
});
