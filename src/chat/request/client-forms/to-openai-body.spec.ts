// Guarantee: what a client writes in the words of another API is taken for what it means, and its errors name what it wrote.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { understand } from '../../../../test/support/understand.ts';
import type { GatewayError } from '../../../common/errors/gateway-error.ts';
import { toOpenAiBody } from './to-openai-body.ts';

const hi = { role: 'user', content: 'hi' };
const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };

test('an ordinary body is left as it is, the same object', () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', name: 'n', content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'u', detail: 'low' } }] },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'r' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }], refusal: null, audio: null, reasoning_content: 'hm' },
      { role: 'user', content: [{ type: 'file', file: { file_data: 'x', filename: 'a.pdf' } }] },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    response_format: { type: 'json_object' },
    reasoning_effort: 'low',
  }; // prettier-ignore
  const { body: result, ignored } = toOpenAiBody(body);
  assert.equal(result, body);
  assert.deepEqual(ignored, []);
});

test('what is no object is left to be refused', () => {
  for (const body of [undefined, null, [], 'x', 5]) assert.equal(toOpenAiBody(body).body, body);
});

const weather = { type: 'object', properties: { city: { type: 'string' } } };
const inOpenAi = { type: 'function', function: { name: 'f', description: 'd', parameters: weather } };
const format = { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: weather } };
const FIELDS: [what: string, foreign: object, expected: object][] = [
  ["Anthropic's tools", { tools: [{ name: 'f', description: 'd', input_schema: weather }] }, { tools: [inOpenAi] }],
  ["Anthropic's tools of type custom", { tools: [{ type: 'custom', name: 'f', description: 'd', input_schema: weather }] }, { tools: [inOpenAi] }],
  ['flat tools', { tools: [{ type: 'function', name: 'f', description: 'd', parameters: weather }] }, { tools: [inOpenAi] }],
  ['tools as MCP lists them', { tools: [{ name: 'f', description: 'd', inputSchema: weather }] }, { tools: [inOpenAi] }],
  ['tools without a type', { tools: [{ function: inOpenAi.function }] }, { tools: [inOpenAi] }],
  ['the choice auto', { tool_choice: { type: 'auto' } }, { tool_choice: 'auto' }],
  ['the choice any', { tool_choice: { type: 'any' } }, { tool_choice: 'required' }],
  ['the choice any as a word', { tool_choice: 'any' }, { tool_choice: 'required' }],
  ['the choice none', { tool_choice: { type: 'none' } }, { tool_choice: 'none' }],
  ['the choice of a tool', { tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true } }, { tool_choice: { type: 'function', function: { name: 'f' } }, parallel_tool_calls: false }],
  ['the flat choice of a function', { tool_choice: { type: 'function', name: 'f' } }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
  ['the flat choice among tools', { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] } }, { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] } } }],
  ['stop sequences', { stop_sequences: ['a', 'b'] }, { stop: ['a', 'b'] }],
  ['max_output_tokens', { max_output_tokens: 5 }, { max_completion_tokens: 5 }],
  ['thinking that is enabled, with a small budget', { thinking: { type: 'enabled', budget_tokens: 2048 } }, { reasoning_effort: 'low' }],
  ['thinking that is enabled, with a budget', { thinking: { type: 'enabled', budget_tokens: 10_000 } }, { reasoning_effort: 'medium' }],
  ['thinking that is enabled, with a large budget', { thinking: { type: 'enabled', budget_tokens: 31_999 } }, { reasoning_effort: 'high' }],
  ['thinking that is enabled', { thinking: { type: 'enabled' } }, { reasoning_effort: 'high' }],
  ['thinking that is adaptive', { thinking: { type: 'adaptive' } }, { reasoning_effort: 'high' }],
  ['thinking that is adaptive, with an effort', { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }, { reasoning_effort: 'medium' }],
  ['thinking that is disabled', { thinking: { type: 'disabled' }, output_config: { effort: 'medium' } }, { reasoning_effort: 'none' }],
  ['reasoning', { reasoning: { effort: 'low' } }, { reasoning_effort: 'low' }],
  ['reasoning with a budget', { reasoning: { max_tokens: 2000 } }, { reasoning_effort: 'low' }],
  ['reasoning that is not enabled', { reasoning: { enabled: false } }, { reasoning_effort: 'none' }],
  ['the format of a text', { text: { format: { type: 'json_schema', name: 'n', strict: true, schema: weather } } }, { response_format: format }],
  ['the format json_object of a text', { text: { format: { type: 'json_object' }, verbosity: 'low' } }, { response_format: { type: 'json_object' }, verbosity: 'low' }],
  ["Anthropic's format", { output_config: { format: { type: 'json_schema', schema: weather } } }, { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: weather } } }],
  ["Anthropic's format in beta", { output_format: { type: 'json_schema', schema: weather } }, { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: weather } } }],
  ['a conversation', { conversation: 'conv_1' }, { conversation_id: 'conv_1' }],
  ['a conversation as an object', { conversation: { id: 'conv_1' } }, { conversation_id: 'conv_1' }],
  ["OpenAI's field beside another API's", { reasoning_effort: 'low', thinking: { type: 'disabled' }, stop: 'x', stop_sequences: ['y'] }, { reasoning_effort: 'low', stop: 'x', stop_sequences: ['y'] }],
]; // prettier-ignore
for (const [what, foreign, expected] of FIELDS) {
  test(`${what}: ${JSON.stringify(expected).slice(0, 60)}`, () => {
    const { body } = toOpenAiBody({ model: 'm', messages: [hi], ...foreign });
    assert.deepEqual(JSON.parse(JSON.stringify(body)), { model: 'm', messages: [hi], ...expected });
  });
}

const anthropicTool = { name: 'f', input_schema: weather };
const user = (...content: unknown[]): object => ({ role: 'user', content });
const assistant = (...content: unknown[]): object => ({ role: 'assistant', content });
const text = (value: string): object => ({ type: 'text', text: value });
const use = (input: unknown): object => ({ type: 'tool_use', id: 'toolu_1', name: 'f', input });
const result = (content: unknown, more: object = {}): object => ({ type: 'tool_result', tool_use_id: 'toolu_1', content, ...more }); // prettier-ignore
const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
const picture = { type: 'image', source: { type: 'url', url: 'data:image/png;base64,AAAA' } };
const called = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } };
const answered = { type: 'tool_result', tool_use_id: 'toolu_1' };
const document = (url: string): object => ({ type: 'document', source: { type: 'url', url } });

/** What the model is given: its system texts, and the blocks of each message. */
const TOLD: [what: string, body: object, system: string[], messages: object[][]][] = [
  ['a system text beside the messages', { system: 'S', messages: [{ role: 'system', content: 'T' }, hi] }, ['S', 'T'], [[text('hi')]]],
  ['a system text of several blocks', { system: [{ ...text('S'), cache_control: { type: 'ephemeral' } }, text('T')], messages: [hi] }, ['S\nT'], [[text('hi')]]],
  ['calls and results', { messages: [hi, assistant(text('a'), use({ a: 1 })), user(result('r'), text('b'))] }, [], [[text('hi')], [text('a'), called], [{ ...answered, content: 'r' }, text('b')]]],
  ['a call without an input, and a result without content', { messages: [hi, assistant(use(undefined)), user({ type: 'tool_result', tool_use_id: 'toolu_1' })] }, [], [[text('hi')], [{ ...called, input: {} }], [answered]]],
  ['an image in a result', { messages: [hi, assistant(use({ a: 1 })), user(result([text('r'), { type: 'image', source }]))] }, [], [[text('hi')], [called], [{ ...answered, content: [text('r'), picture] }]]],
  ['a single part as the content of a result', { messages: [hi, assistant(use({ a: 1 })), user(result({ type: 'image', source }))] }, [], [[text('hi')], [called], [{ ...answered, content: [picture] }]]],
  ['an image', { messages: [user({ type: 'image', source }, { type: 'image', source: { type: 'url', url: 'https://a/b.png' } })] }, [], [[picture, { type: 'image', source: { type: 'url', url: 'https://a/b.png' } }]]],
  ['an image of MCP in a tool message', { messages: [hi, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] }] }, [], [[text('hi')], [{ ...called, id: 'call_1' }], [{ type: 'tool_result', tool_use_id: 'call_1', content: [picture] }]]],
  ['an image whose URL stands alone', { messages: [user({ type: 'image_url', image_url: 'data:image/png;base64,AAAA' })] }, [], [[picture]]],
  ['documents', { messages: [user({ type: 'document', title: 't', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } }, { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü' } }, { type: 'document', source: { type: 'url', url: 'https://a/b.pdf' } }, { type: 'document', source: { type: 'content', content: [text('a'), text('b')] } })] }, [], [[document('data:application/pdf;base64,AAAA'), document('data:text/plain;base64,w7w='), document('https://a/b.pdf'), text('a\nb')]]],
  ['a search result', { messages: [user({ type: 'search_result', title: 'T', source: 'https://a', content: [text('found')] }, text('?'))] }, [], [[text('T\nhttps://a\nfound'), text('?')]]],
  ['parts of the Responses API in messages', { messages: [user({ type: 'input_text', text: 'a' }, { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' }), assistant({ type: 'output_text', text: 'b', annotations: [] }), user({ type: 'input_file', file_data: 'data:,x', filename: 'f' })] }, [], [[text('a'), picture], [text('b')], [document('data:,x')]]],
  ['a text as input', { input: 'hi' }, [], [[text('hi')]]],
  ['input and instructions', { instructions: 'S', input: [{ role: 'developer', content: 'T' }, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }] }, ['S', 'T'], [[text('hi')]]],
  ['calls and their outputs as input', { input: [{ role: 'user', content: 'hi' }, { type: 'reasoning', id: 'rs_1', summary: [] }, { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'a', annotations: [] }] }, { type: 'function_call', call_id: 'toolu_1', name: 'f', arguments: '{"a":1}', id: 'fc_1', status: 'completed' }, { type: 'function_call_output', call_id: 'toolu_1', output: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] }] }, [], [[text('hi')], [text('a'), called], [{ ...answered, content: [picture] }]]],
  ['a call of a custom tool as input', { input: [{ role: 'user', content: 'hi' }, { type: 'custom_tool_call', call_id: 'toolu_1', name: 'f', input: 'x' }, { type: 'custom_tool_call_output', call_id: 'toolu_1', output: 'r' }] }, [], [[text('hi')], [{ ...called, input: { input: 'x' } }], [{ ...answered, content: 'r' }]]],
  ['input beside messages that are empty', { input: 'hi', messages: [] }, [], [[text('hi')]]],
  ['messages before input', { input: 'x', messages: [hi] }, [], [[text('hi')]]],
]; // prettier-ignore
for (const [what, body, system, messages] of TOLD) {
  test(`the model is given ${what}`, () => {
    const { turn } = understand({ model: 'm', tools: [anthropicTool], ...body });
    assert.deepEqual(turn.system, system);
    assert.deepEqual([...turn.history, turn.message].map(({ content }) => content), messages); // prettier-ignore
  });
}

const REFUSED: [what: string, body: object, param: string][] = [
  ["a name of Anthropic's tool", { messages: [hi], tools: [{ name: 'a b', input_schema: {} }] }, 'tools[0].name'],
  ["a schema of Anthropic's tool", { messages: [hi], tools: [anthropicTool, { name: 'g', input_schema: { type: 'array' } }] }, 'tools[1].input_schema.type'],
  ['a schema that is no object', { messages: [hi], tools: [{ name: 'g', input_schema: 5 }] }, 'tools[0].input_schema'],
  ['a schema of a flat tool', { messages: [hi], tools: [{ type: 'function', name: 'g', parameters: { properties: 5 } }] }, 'tools[0].parameters.properties'],
  ["a tool of Anthropic's servers", { messages: [hi], tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type'],
  ['a choice of what is not there', { messages: [hi], tools: [anthropicTool], tool_choice: { type: 'tool', name: 'g' } }, 'tool_choice'],
  ['a choice without a name', { messages: [hi], tools: [anthropicTool], tool_choice: { type: 'tool' } }, 'tool_choice.name'],
  ['a limit of the answer', { messages: [hi], max_output_tokens: 0 }, 'max_output_tokens'],
  ['a stop sequence', { messages: [hi], stop_sequences: ['a', 5] }, 'stop_sequences[1]'],
  ['a kind of thinking', { messages: [hi], thinking: { type: 'deep' } }, 'thinking.type'],
  ['a budget', { messages: [hi], thinking: { type: 'enabled', budget_tokens: 'all' } }, 'thinking.budget_tokens'],
  ['an effort', { messages: [hi], reasoning: { effort: 'huge' } }, 'reasoning.effort'],
  ["Anthropic's effort", { messages: [hi], output_config: { effort: 'huge' } }, 'output_config.effort'],
  ['a kind of format', { messages: [hi], text: { format: { type: 'xml' } } }, 'text.format.type'],
  ['a name of a format', { messages: [hi], text: { format: { type: 'json_schema', name: 'a b' } } }, 'text.format.name'],
  ["a schema of Anthropic's format", { messages: [hi], output_config: { format: { type: 'json_schema', schema: 5 } } }, 'output_config.format.schema'],
  ['a system text', { messages: [hi], system: 5 }, 'system'],
  ['a block of a system text', { messages: [hi], system: [text('a'), { type: 'image' }] }, 'system[1].type'],
  ['instructions', { input: 'x', instructions: { a: 1 } }, 'instructions'],
  ['a message behind a system text', { messages: [hi, { role: 'user', content: 5 }], system: 'S' }, 'messages[1].content'],
  ['an item of input', { input: [{ role: 'user', content: [{ type: 'input_text', text: 5 }] }], instructions: 'S' }, 'input[0].content[0].text'],
  ['an image of input', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 5 }] }] }, 'input[0].content[0].image_url'],
  ['an empty input', { input: [] }, 'input'],
  ['an input that is no list', { input: { a: 1 } }, 'input'],
  ['no messages and no input', {}, 'messages'],
  ['a response to go on with', { input: 'x', previous_response_id: 'resp_1' }, 'previous_response_id'],
  ['work in the background', { input: 'x', background: true }, 'background'],
  ['a prompt of elsewhere', { input: 'x', prompt: { id: 'pmpt_1' } }, 'prompt'],
  ['a part that is not known in the last message', { messages: [user(text('a'), { type: 'video' })] }, 'messages[0].content[1].type'],
  ['a role that is not known in the last message', { messages: [{ role: 'wizard', content: 'x' }] }, 'messages[0].role'],
  ['an image without a source in the last message', { messages: [user({ type: 'image' })] }, 'messages[0].content[0].source'],
]; // prettier-ignore
for (const [what, body, param] of REFUSED) {
  test(`${what} is refused under the name that the client used`, () => {
    assert.throws(
      () => understand({ model: 'm', ...body }),
      (error: GatewayError) => {
        assert.deepEqual([error.status, error.param], [400, param]);
        return true;
      },
    );
  });
}

const IGNORED: [what: string, body: object, ignored: string[]][] = [
  ['a mark for the cache', { system: [{ ...text('S'), cache_control: {} }], messages: [user({ ...text('a'), cache_control: {} })], tools: [{ ...anthropicTool, cache_control: {} }] }, ['system.cache_control', 'messages.content.cache_control', 'tools.cache_control']],
  ['a mark for the cache in a result', { messages: [hi, assistant(use({})), user(result([{ ...text('a'), cache_control: {} }]))], tools: [anthropicTool] }, ['messages.content.content.cache_control']],
  ['strict of a flat tool', { messages: [hi], tools: [{ type: 'function', name: 'f', parameters: weather, strict: true }] }, ['tools.function.strict']],
  ['a budget', { messages: [hi], thinking: { type: 'enabled', budget_tokens: 4000, display: 'omitted' } }, ['thinking.budget_tokens (taken for the effort low)', 'thinking.display']],
  ['a summary of the reasoning', { input: 'x', reasoning: { effort: 'low', summary: 'auto' }, include: ['x'], truncation: 'auto' }, ['reasoning.summary', 'include', 'truncation']],
  ['a field beside that of OpenAI', { messages: [hi], input: 'x', max_completion_tokens: 5000, max_output_tokens: 6, reasoning_effort: 'low', thinking: { type: 'disabled' } }, ['thinking.type', 'input', 'max_output_tokens']],
  ['thinking while the model does not think', { messages: [hi, assistant({ type: 'thinking', thinking: 't', signature: 's' }, text('a')), hi] }, ['messages.content.thinking (not available while the model does not think)']],
  ['thinking without its signature', { messages: [hi, assistant({ type: 'thinking', thinking: 't' }, text('a')), hi] }, ['messages.content.thinking (without a signature)']],
  ['citations and context of a document', { messages: [user({ type: 'document', source: { type: 'text', data: 'x' }, citations: { enabled: true }, context: 'c' })] }, ['messages.content.citations', 'messages.content.context']],
  ['a part of the history that is not known', { messages: [user({ type: 'video', url: 'x' }), hi] }, ['messages.content.video (passed on as text)']],
  ['thinking that leaves no room for the answer', { model: 'claude-haiku-4-5', messages: [hi], max_tokens: 100, thinking: { type: 'enabled' } }, ['thinking.type (the limit of the answer leaves no room to think; 1025 tokens are the least)']],
  ['a name in an item of input', { input: [{ role: 'user', name: 'n', content: 'x' }] }, ['input.name']],
  ['a text that is called a prompt', { messages: [hi], prompt: 'x' }, ['prompt']],
  ['an audio answer', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }, hi] }, ['messages.audio']],
]; // prettier-ignore
for (const [what, body, ignored] of IGNORED) {
  test(`${what} is named`, () => assert.deepEqual(understand({ model: 'm', ...body }).ignored, ignored));
}
