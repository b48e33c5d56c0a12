// Guarantee: a body that is not what OpenAI describes is refused in its words, at the deepest field that is to blame.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { toCallInput } from '../../../claude-cli/turn/call-input.ts';
import { GatewayError } from '../../../common/errors/gateway-error.ts';
import { parseChatCompletionRequest } from './chat-completion-request.ts';

const user = (content: unknown): object => ({ role: 'user', content });
const valid = { model: 'm', messages: [user('x')] };

function refusalOf(body: unknown): GatewayError {
  try {
    parseChatCompletionRequest(body);
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.status, 400);
    return error;
  }
  assert.fail('it was not refused');
}

const inMessages = (...messages: unknown[]): object => ({ messages });
const inTools = (...tools: unknown[]): object => ({ tools });
const REFUSED: [body: object, param: string, code: string, message: string][] = [
  [{ model: undefined }, 'model', 'missing_required_parameter', "Missing required parameter: 'model'."],
  [{ model: 5 }, 'model', 'invalid_type', "Invalid type for 'model': expected a string, but got an integer instead."],
  [{ model: '' }, 'model', 'empty_string', "Invalid 'model': the text is too short."],
  [{ messages: undefined }, 'messages', 'missing_required_parameter', "Missing required parameter: 'messages'."],
  [{ messages: 'hi' }, 'messages', 'invalid_type', "Invalid type for 'messages': expected an array, but got a string instead."],
  [{ messages: {} }, 'messages', 'invalid_type', "Invalid type for 'messages': expected an array, but got an object instead."],
  [{ messages: [] }, 'messages', 'empty_array', "Invalid 'messages': array too short. Expected an array with at least 1 elements, but got 0."],
  [inMessages('hi'), 'messages[0]', 'invalid_type', "Invalid type for 'messages[0]': expected an object, but got a string instead."],
  [inMessages({ content: 'x' }), 'messages[0].role', 'missing_required_parameter', "Missing required parameter: 'messages[0].role'."],
  [inMessages({ role: 'wizard', content: 'x' }), 'messages[0].role', 'invalid_value', `Invalid value for 'messages[0].role': "wizard". Supported values are: 'system', 'developer', 'user', 'assistant', 'tool', 'function'.`],
  [inMessages({ role: 5 }), 'messages[0].role', 'invalid_value', "Invalid value for 'messages[0].role': 5. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool', 'function'."],
  [inMessages({ role: 'user' }), 'messages[0].content', 'missing_required_parameter', "Missing required parameter: 'messages[0].content'."],
  [inMessages(user(null)), 'messages[0].content', 'invalid_type', "Invalid type for 'messages[0].content': expected a string or an array, but got null instead."],
  [inMessages(user('x'), user(true)), 'messages[1].content', 'invalid_type', "Invalid type for 'messages[1].content': expected a string or an array, but got a boolean instead."],
  [inMessages(user(['x'])), 'messages[0].content[0]', 'invalid_type', "Invalid type for 'messages[0].content[0]': expected an object, but got a string instead."],
  [inMessages(user([{ text: 'x' }])), 'messages[0].content[0].type', 'missing_required_parameter', "Missing required parameter: 'messages[0].content[0].type'."],
  [inMessages(user([{ type: 'text' }])), 'messages[0].content[0].text', 'missing_required_parameter', "Missing required parameter: 'messages[0].content[0].text'."],
  [inMessages(user([{ type: 'text', text: 1.5 }])), 'messages[0].content[0].text', 'invalid_type', "Invalid type for 'messages[0].content[0].text': expected a string, but got a decimal number instead."],
  [inMessages(user([{ type: 'video' }])), 'messages[0].content[0].type', 'invalid_value', `Invalid value for 'messages[0].content[0].type': "video". Supported values are: 'text', 'image_url', 'input_audio', 'file', 'tool_result'.`],
  [inMessages({ role: 'tool', content: 'x' }), 'messages[0].tool_call_id', 'missing_required_parameter', "Missing required parameter: 'messages[0].tool_call_id'."],
  [inMessages({ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f' } }] }), 'messages[0].tool_calls[0].function.arguments', 'missing_required_parameter', "Missing required parameter: 'messages[0].tool_calls[0].function.arguments'."],
  [{ temperature: '1' }, 'temperature', 'invalid_type', "Invalid type for 'temperature': expected a number, but got a string instead."],
  [{ temperature: 2.1 }, 'temperature', 'number_above_max_value', "Invalid 'temperature': expected a value <= 2, but got 2.1 instead."],
  [{ top_p: -1 }, 'top_p', 'number_below_min_value', "Invalid 'top_p': expected a value >= 0, but got -1 instead."],
  [{ max_tokens: 0 }, 'max_tokens', 'number_below_min_value', "Invalid 'max_tokens': expected a value >= 1, but got 0 instead."],
  [{ n: 1.5 }, 'n', 'invalid_type', "Invalid type for 'n': expected an integer, but got a decimal number instead."],
  [{ stream: 'yes' }, 'stream', 'invalid_type', "Invalid type for 'stream': expected a boolean, but got a string instead."],
  [{ stop: {} }, 'stop', 'invalid_type', "Invalid type for 'stop': expected a string or an array, but got an object instead."],
  [{ stop: ['a', 1] }, 'stop[1]', 'invalid_type', "Invalid type for 'stop[1]': expected a string, but got an integer instead."],
  [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'array_above_max_length', "Invalid 'stop': array too long. Expected an array with at most 4 elements, but got 5."],
  [{ reasoning_effort: 'huge' }, 'reasoning_effort', 'invalid_value', `Invalid value for 'reasoning_effort': "huge". Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'.`],
  [{ tool_choice: 5 }, 'tool_choice', 'invalid_type', "Invalid type for 'tool_choice': expected a string or an object, but got an integer instead."],
  [{ tool_choice: 'some' }, 'tool_choice', 'invalid_value', `Invalid value for 'tool_choice': "some". Supported values are: 'none', 'auto', 'required'.`],
  [{ tool_choice: { type: 'custom' } }, 'tool_choice.type', 'invalid_value', `Invalid value for 'tool_choice.type': "custom". Supported values are: 'function', 'allowed_tools'.`],
  [{ tool_choice: { type: 'function' } }, 'tool_choice.function', 'missing_required_parameter', "Missing required parameter: 'tool_choice.function'."],
  [inTools({ type: 'custom' }), 'tools[0].type', 'invalid_value', `Invalid value for 'tools[0].type': "custom". Supported values are: 'function'.`],
  [inTools({ type: 'function', function: { name: 'a b' } }), 'tools[0].function.name', 'invalid_value', "Invalid 'tools[0].function.name': must be 1 to 64 letters, digits, underscores or hyphens."],
  [{ tools: Array.from({ length: 129 }, (_value, index) => ({ type: 'function', function: { name: `f${index}` } })) }, 'tools', 'array_above_max_length', "Invalid 'tools': array too long. Expected an array with at most 128 elements, but got 129."],
  [{ metadata: { a: 1 } }, 'metadata.a', 'invalid_type', "Invalid type for 'metadata.a': expected a string, but got an integer instead."],
  [{ response_format: { type: 'xml' } }, 'response_format.type', 'invalid_value', `Invalid value for 'response_format.type': "xml". Supported values are: 'text', 'json_object', 'json_schema'.`],
]; // prettier-ignore
for (const [body, param, code, message] of REFUSED) {
  test(`refused: ${message}`, () => {
    const error = refusalOf(JSON.parse(JSON.stringify({ ...valid, ...body })));
    assert.deepEqual([error.param, error.code, error.message], [param, code, message]);
  });
}

test('a body that is no object is refused', () => {
  for (const body of [undefined, null, [], 'x', 5]) assert.match(refusalOf(body).message, /JSON object/);
});

for (const [where, body] of [
  ['messages', (list: unknown) => ({ messages: list })],
  ['parts of a message', (list: unknown) => inMessages({ role: 'user', content: list })],
  ['parts of an assistant message', (list: unknown) => inMessages({ role: 'assistant', content: list })],
  ['parts of a tool message', (list: unknown) => inMessages({ role: 'tool', tool_call_id: 'a', content: list })],
  ['calls', (list: unknown) => inMessages({ role: 'assistant', tool_calls: list })],
  ['allowed tools', (list: unknown) => ({ tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: list } } })],
] as const) {
  test(`of ten thousand wrong ${where} only the first is looked into`, () => {
    const looked = new Set<number>();
    const list = Array.from({ length: 10_000 }, (_, index) => {
      const look = (): string => (looked.add(index), 'wrong');
      return Object.defineProperties({}, { type: { get: look, enumerable: true }, role: { get: look, enumerable: true } });
    });
    refusalOf({ ...valid, ...body(list) });
    assert.deepEqual([...looked], [0]);
  });
} // prettier-ignore

const toCall = (json: string, index: number): object => ({
  id: `c${index}`,
  type: 'function',
  function: { name: 'f', arguments: json },
});

test('arguments that hold too many values together are refused before they are parsed', () => {
  const calls = Array.from({ length: 4 }, () => `{"a":[${'1,'.repeat(30_000)}1]}`);
  const error = refusalOf({ ...valid, ...inMessages({ role: 'assistant', tool_calls: calls.map(toCall) }) });
  assert.deepEqual([error.code, error.param], ['json_too_complex', 'messages[0].tool_calls[3].function.arguments']);
});

for (const [what, json] of [
  ['in values', `{"a":[${'{},'.repeat(60_000)}1]}`],
  ['in depth', `{"a":${'['.repeat(300)}${']'.repeat(300)}}`],
  ['without end', `{"a":${'['.repeat(300)}`],
  ['though they are no object', '['.repeat(300)],
  ['in one number', `{"a":${'1'.repeat(1001)}}`],
] as const) {
  test(`arguments of one call that are too much ${what} are a part of the history all the same`, () => {
    const history = inMessages({ role: 'assistant', tool_calls: [toCall(json, 0)] });
    assert.doesNotThrow(() => parseChatCompletionRequest({ ...valid, ...history }));
    assert.ok(Object.keys(toCallInput(json)).length > 0);
  });
}

test('arguments that are large or no JSON are not refused for it', () => {
  for (const json of [`{"a":"${'[,'.repeat(500_000)}"}`, 'x,'.repeat(200_000), '"['.repeat(1000), '{"a":']) {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: json } };
    parseChatCompletionRequest({ ...valid, ...inMessages({ role: 'assistant', tool_calls: [call] }) });
  }
});

test('a long value is not echoed whole', () => {
  assert.ok(refusalOf({ ...valid, reasoning_effort: 'x'.repeat(10_000) }).message.length < 400);
});

test('null is as good as absent for what is optional', () => {
  const optional = [
    'stream',
    'stream_options',
    'temperature',
    'stop',
    'tools',
    'tool_choice',
    'functions',
    'n',
    'seed',
  ];
  const nulls = Object.fromEntries(optional.map((field) => [field, null]));
  assert.deepEqual(parseChatCompletionRequest({ ...valid, ...nulls }).unreadFields, []);
});

test('fields that nobody reads are listed once, without their positions, and those that are null are not', () => {
  const { unreadFields } = parseChatCompletionRequest({
    model: 'm',
    top_k: 5,
    nothing: null,
    seed: 1,
    metadata: { any: 'x' },
    messages: [
      user([{ type: 'text', text: 'x', cache_control: {} }]),
      user([{ type: 'text', text: 'y', cache_control: { type: 'ephemeral' } }]),
      { role: 'assistant', content: 'z', reasoning_content: 'hm', audio: null, annotations: [] },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', any: 1 } } }],
  });
  assert.deepEqual(unreadFields, ['top_k', 'messages.content.cache_control', 'messages.reasoning_content']);
});
