// Guarantee: any order of messages that a client may send becomes a history of alternating roles that says the same.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { anyMedia } from '../../../test/support/understand.ts';
import type { AssistantBlock, ToolCallBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';
import { arrangeMessages, UnansweredCallsError, type ArrangedMessages } from '../../turns/messages/arrange-messages.ts';
import { chatMessages, unansweredCalls } from './chat-messages.ts';

function map(messages: readonly object[]): ArrangedMessages {
  const request = parseChatCompletionRequest({ model: 'm', messages });
  try {
    return arrangeMessages(chatMessages(request.messages, anyMedia(request.messages)));
  } catch (error) {
    throw error instanceof UnansweredCallsError ? unansweredCalls(error) : error;
  }
}

/** Each message as its role and its blocks: texts as they are, others by their type. */
function spoken({ history, message }: ArrangedMessages): [role: string, ...blocks: string[]][] {
  return [...history, message].map(({ role, content }) => [
    role,
    ...(content as readonly (UserBlock | AssistantBlock)[]).map((block) =>
      block.type === 'text' ? block.text : `<${block.type}>`,
    ),
  ]);
}

const user = (content: unknown): object => ({ role: 'user', content });
const assistant = (content: unknown, more: object = {}): object => ({ role: 'assistant', content, ...more });
const system = (content: unknown): object => ({ role: 'system', content });
const texts = (...parts: string[]): object[] => parts.map((text) => ({ type: 'text', text }));
const calls = (...ids: string[]): object => ({
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const thinking = (text: string): object => ({ type: 'thinking', thinking: text, signature: 's' });
const result = (id: string, content: unknown = 'r'): object => ({ role: 'tool', tool_call_id: id, content });
const use = (id: string, input: unknown = {}): object => ({ type: 'tool_use', id, name: 'f', input });
const used = (id: string): object => ({ type: 'tool_result', tool_use_id: id, content: 'r' });
const image = { type: 'image_url', image_url: { url: 'data:,' } };
const document = { type: 'file', file: { file_data: 'eA==' } };

const TABLE: [what: string, messages: object[], expected: string[][], system?: string[]][] = [
  ['an alternating history is kept', [user('a'), assistant('b'), user('c')], [['user', 'a'], ['assistant', 'b'], ['user', 'c']]],
  ['white space around text is kept', [user(' a\n'), assistant('\tb '), user('c\n\n')], [['user', ' a\n'], ['assistant', '\tb '], ['user', 'c\n\n']]],
  ['system and developer messages are hoisted in order', [user('a'), system('S1'), assistant('b'), { role: 'developer', content: 'S2' }, user('c')], [['user', 'a'], ['assistant', 'b'], ['user', 'c']], ['S1', 'S2']],
  ['the parts of a system message are joined with a line feed', [system(texts('S1', 'S2')), user('a')], [['user', 'a']], ['S1\nS2']],
  ['a system message of nothing or white space only vanishes', [system(''), system(' \n'), system([]), user('a')], [['user', 'a']]],
  ['a system message between two of one role does not part them', [user('a'), system('S'), user('b')], [['user', 'a', 'b']], ['S']],
  ['messages of one role in a row become one of several blocks', [user('a'), user('b'), assistant('c'), assistant('d'), user('e')], [['user', 'a', 'b'], ['assistant', 'c', 'd'], ['user', 'e']]],
  ['parts stay blocks', [user(texts('a', 'b'))], [['user', 'a', 'b']]],
  ['an empty part vanishes', [user(texts('', 'a', ''))], [['user', 'a']]],
  ['a part of white space joins the text before it, or else the one after it', [user(texts(' ', 'a', '\n', ' ', 'b', '\t'))], [['user', ' a\n ', 'b\t']]],
  ['an empty message beside another of its role vanishes', [user(''), user('a'), user(' '), assistant('b'), assistant(''), user('c')], [['user', 'a'], ['assistant', 'b'], ['user', 'c']]],
  ['a user message of nothing alone is (no content)', [user(''), assistant('a'), user([])], [['user', '(no content)'], ['assistant', 'a'], ['user', '(no content)']]],
  ['a user message of white space alone is (no content)', [user(' \n'), assistant('a'), user('b')], [['user', '(no content)'], ['assistant', 'a'], ['user', 'b']]],
  ['an assistant message that says nothing vanishes, and what stands around it is one message', [user('a'), assistant(''), user('b'), assistant('\n\n'), user('c'), assistant(null), user('d')], [['user', 'a', 'b', 'c', 'd']]],
  ['an assistant message that says (no content) vanishes, as it would in the CLI', [user('a'), assistant('(no content)'), user('b')], [['user', 'a', 'b']]],
  ['an assistant message that says nothing but (no content) vanishes, as it would in the CLI', [user('a'), assistant(texts(' ', '(no content)', '(no content)\n')), user('b'), assistant(texts('(no content)', 'c')), user('d')], [['user', 'a', 'b'], ['assistant', '(no content)', 'c'], ['user', 'd']]],
  ['an assistant message first follows an empty user message', [assistant('a'), user('b')], [['user', '(no content)'], ['assistant', 'a'], ['user', 'b']]],
  ['an assistant message last is continued', [user('a'), assistant('b')], [['user', 'a'], ['assistant', 'b'], ['user', 'Continue.']]],
  ['a system message alone is continued', [system('S')], [['user', 'Continue.']], ['S']],
  ['a refusal is text', [user('a'), assistant([{ type: 'refusal', refusal: 'no' }]), user('b'), assistant(null, { refusal: 'never' }), user('c')], [['user', 'a'], ['assistant', 'no'], ['user', 'b'], ['assistant', 'never'], ['user', 'c']]],
  ['calls follow the text, results stand before it', [user('a'), assistant('hm', calls('1', '2')), result('2'), result('1'), user('b')], [['user', 'a'], ['assistant', 'hm', '<tool_use>', '<tool_use>'], ['user', '<tool_result>', '<tool_result>', 'b']]],
  ['white space beside calls vanishes', [user('a'), assistant('\n\n', calls('1')), result('1')], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>']]],
  ['a user message of nothing beside results vanishes', [user('a'), assistant(null, calls('1')), result('1'), user(' ')], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>']]],
  ['a system message between a call and its result parts nothing', [user('a'), assistant(null, calls('1')), system('S'), result('1')], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>']], ['S']],
  ['a result that comes behind words of the user stands before them', [user('a'), assistant(null, calls('1')), user('b'), result('1')], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>', 'b']]],
  ['calls that are told in several messages are calls of one answer', [user('a'), assistant(null, calls('1')), assistant('b', calls('2')), result('2'), result('1')], [['user', 'a'], ['assistant', '<tool_use>', 'b', '<tool_use>'], ['user', '<tool_result>', '<tool_result>']]],
  ['an answer of nothing between a call and its result parts nothing', [user('a'), assistant(null, calls('1')), user('b'), assistant(''), result('1')], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>', 'b']]],
  ['images and files of a result stand in it', [user('a'), assistant(null, calls('1')), result('1', [...texts('x'), image, document])], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>']]],
  ['calls and results in the form of Anthropic are the same', [user('a'), assistant([...texts('b'), use('1'), use('2')]), user([used('2'), used('1'), ...texts('c')])], [['user', 'a'], ['assistant', 'b', '<tool_use>', '<tool_use>'], ['user', '<tool_result>', '<tool_result>', 'c']]],
  ['results in the form of Anthropic behind other parts stand before them', [user('a'), assistant([use('1')]), user([...texts('b'), image, used('1')])], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>', 'b', '<image>']]],
  ['a call that is told in both forms is one', [user('a'), assistant([...texts('b'), use('1')], calls('1', '2')), result('1'), result('2')], [['user', 'a'], ['assistant', 'b', '<tool_use>', '<tool_use>'], ['user', '<tool_result>', '<tool_result>']]],
  ['thinking with its signature stands where it stood', [user('a'), assistant([thinking('t'), ...texts('b'), thinking('u'), use('1')]), user([used('1')])], [['user', 'a'], ['assistant', '<thinking>', 'b', '<thinking>', '<tool_use>'], ['user', '<tool_result>']]],
  ['thinking that cannot be told vanishes: without its signature, at the end, alone', [user('a'), assistant([{ type: 'thinking', thinking: 't' }, ...texts('b'), thinking('u')]), user('c'), assistant([{ type: 'redacted_thinking', data: 'x' }]), user('d')], [['user', 'a'], ['assistant', 'b'], ['user', 'c', 'd']]],
  ['the legacy form of calls and results is the same', [user('a'), assistant(null, { function_call: { name: 'f', arguments: '{}' } }), { role: 'function', name: 'f', content: 'r' }], [['user', 'a'], ['assistant', '<tool_use>'], ['user', '<tool_result>']]],
]; // prettier-ignore
for (const [what, messages, expected, systems = []] of TABLE) {
  test(what, () => {
    const mapped = map(messages);
    assert.deepEqual(spoken(mapped), expected);
    assert.deepEqual(mapped.system, systems);
  });
}

test('a result is given as the client gave it, white space included, and an empty one without content', () => {
  const messages = [user('a'), assistant(null, calls('1', '2', '3', '4'))];
  const results = [result('1', ' x\n'), result('2', ''), result('3', texts('a', '', '\n', 'b')), result('4', [])];
  assert.deepEqual(map([...messages, ...results]).message.content, [
    { type: 'tool_result', tool_use_id: '1', content: ' x\n' },
    { type: 'tool_result', tool_use_id: '2' },
    { type: 'tool_result', tool_use_id: '3', content: texts('a\n', 'b') },
    { type: 'tool_result', tool_use_id: '4' },
  ]);
});

const f = (json: string): object => ({ name: 'f', arguments: json });
test('arguments become the input of the call; none at all are an empty object', () => {
  for (const [json, input] of [
    ['{"a":[1,null]}', { a: [1, null] }],
    ['', {}],
    [' ', {}],
    ['{"city": "Ro', { INVALID_JSON: '{"city": "Ro' }],
    ['{"text":"a\nb"}', { text: 'a\nb' }],
    ['[1]', { arguments: [1] }],
    ['{"id":12345678901234567890,"price":1.10}', { id: '12345678901234567890', price: '1.10' }],
  ] as const) {
    const call = { tool_calls: [{ id: '1', type: 'function', function: f(json) }] };
    const block = map([user('a'), assistant(null, call), result('1')]).history[1]?.content[0];
    const { json: _json, ...told } = block as ToolCallBlock;
    assert.deepEqual(told, { type: 'tool_use', id: '1', name: 'f', input });
  }
});

test('ids that repeat or that the API would refuse are made unique and plain, the same way each time', () => {
  const messages = ['a:1', 'a_1', 'a:1', 'a_1_2', 'b_3', 'b'].flatMap((id) => [assistant(null, calls(id)), result(id)]);
  const ids = map([user('a'), ...messages])
    .history.filter(({ role }) => role === 'assistant')
    .map(({ content }) => (content[0]?.type === 'tool_use' ? content[0].id : ''));
  // The CLI takes a_1_2 for a repetition of a_1 and b_3 for one of b, and would lose a result.
  assert.deepEqual(ids, ['a_1', 'a_1-2', 'a_1-3', 'a_1_2-2', 'b_3', 'b-2']);
});

test('long ids are cut, and still told apart', () => {
  const [one, other] = [`${'x'.repeat(1000)}1`, `${'x'.repeat(1000)}2`];
  const { message } = map([user('a'), assistant(null, calls(one, other)), result(other, 'o'), result(one, 'r')]);
  assert.deepEqual(message.content, [
    { type: 'tool_result', tool_use_id: `${'x'.repeat(64)}-2`, content: 'o' },
    { type: 'tool_result', tool_use_id: 'x'.repeat(64), content: 'r' },
  ]);
});

const REFUSED: [what: string, messages: object[], param: string, word: RegExp][] = [
  ['a call at the end', [user('a'), assistant(null, calls('x', 'y'))], 'messages[1].tool_calls', /: x, y$/],
  ['a call at the end, behind a system message', [user('a'), assistant(null, calls('x')), system('S')], 'messages[1].tool_calls', /: x$/],
  ['a legacy call at the end', [user('a'), assistant(null, { function_call: f('{}') })], 'messages[1].function_call', /call_1$/],
  ['a call at the end in the form of Anthropic', [user('a'), assistant([...texts('b'), use('x')])], 'messages[1].content[1]', /: x$/],
  ['audio', [user([{ type: 'input_audio' }])], 'messages[0].content[0]', /not supported/],
]; // prettier-ignore
test('twenty thousand calls of one id are told apart like two', () => {
  const ids = Array.from({ length: 20_000 }, () => 'a');
  const results = ids.map(() => ({ role: 'tool', tool_call_id: 'a', content: 'r' }));
  const { history } = map([user('x'), assistant(null, calls(...ids)), ...results]);
  const made = history.flatMap(({ content }) => content as readonly { type: string; id?: string }[]);
  assert.equal(new Set(made.map(({ id }) => id).filter((id) => id !== undefined)).size, ids.length);
});

test('more parts than a call takes arguments are put together like few', () => {
  const parts = Array.from({ length: 150_000 }, () => ({ type: 'text', text: 'a' }));
  const { message } = map([user('x'), user(parts)]);
  assert.equal(message.content.length, parts.length + 1);
});

for (const [what, messages, param, word] of REFUSED) {
  test(`${what} is refused and its place is named`, () => {
    assert.throws(
      () => map(messages),
      (error: GatewayError) => error.status === 400 && error.param === param && word.test(error.message),
    );
  });
}

test('images and files stand where their parts stand, in the history too', () => {
  const image = { type: 'image_url', image_url: { url: 'data:,' } };
  const file = { type: 'file', file: { file_data: 'eA==' } };
  const { messages } = parseChatCompletionRequest({
    model: 'm',
    messages: [user([image, ...texts('a', ' ')]), assistant('b'), user([...texts(' '), file, ...texts('c')])],
  });
  assert.deepEqual(spoken(arrangeMessages(chatMessages(messages, anyMedia(messages)))), [
    ['user', '<image>', 'a '],
    ['assistant', 'b'],
    ['user', '<document>', ' c'],
  ]);
});

const anyText = fc.oneof(
  fc.string(),
  fc.constantFrom('', ' ', '\n\n', '(no content)', '@/etc/hostname', '/clear', 'ü🎈'),
);
const anyContent = fc.oneof(
  anyText,
  fc.array(
    anyText.map((text) => ({ type: 'text', text })),
    { maxLength: 4 },
  ),
);
const said = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: anyContent });
const exchange = fc
  .record({ content: anyContent, results: fc.array(anyContent, { minLength: 1, maxLength: 3 }), isLate: fc.boolean() })
  .map(({ content, results, isLate }) => {
    const ids = results.map((_content, index) => `call${index}`);
    const answers = results.map((answer, index) => result(`call${index}`, answer));
    return [assistant(content, calls(...ids)), ...(isLate ? answers.toReversed() : answers)];
  });
const conversation = fc.array(fc.oneof({ weight: 3, arbitrary: said.map((message) => [message]) }, exchange), {
  minLength: 1,
  maxLength: 12,
});

test('whatever is said, roles alternate, nothing is blank, every call has its result and no text is lost', () => {
  fc.assert(
    fc.property(conversation, (pieces) => {
      const messages = pieces.flat();
      const mapped = map(messages);
      const all = [...mapped.history, mapped.message];
      all.forEach(({ role }, index) => assert.equal(role, index % 2 === 0 ? 'user' : 'assistant'));
      for (const [index, { content }] of all.entries()) {
        assert.ok(content.length > 0);
        assert.ok(content.every((block) => block.type !== 'text' || block.text.trim() !== ''));
        const opened = content.flatMap((block) => (block.type === 'tool_use' ? block.id : []));
        const answered = (all[index + 1]?.content ?? []).flatMap((block) =>
          block.type === 'tool_result' ? block.tool_use_id : [],
        );
        assert.deepEqual(answered.toSorted(), opened.toSorted());
      }
      for (const role of ['user', 'assistant']) {
        const heard = all.filter((message) => message.role === role).flatMap(({ content }) => [...content]);
        const spokenTexts = heard.filter(({ type }) => type === 'text');
        const sent = messages.filter((message) => 'role' in message && message.role === role);
        assert.equal(visible(spokenTexts), visible(sent));
      }
    }),
    { numRuns: 1000 },
  );
});

/** The text of blocks or of messages without white space and without what is said for those who say nothing. */
function visible(speakers: readonly object[]): string {
  const parts = speakers.flatMap((speaker) => {
    const { text, content } = speaker as { text?: string; content?: string | { text: string }[] };
    if (text !== undefined) return text;
    return typeof content === 'string' ? content : (content ?? []).map((part) => part.text);
  });
  return parts.join('').replaceAll(/\(no content\)|Continue\.|\s/g, '');
}
