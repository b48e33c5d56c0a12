// Guarantee: bodies in the words of Anthropic's Messages API and of the Responses API, as agents send them to the chat path,
// reach the model as what they mean, and the answer is a chat completion.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { Gateway } from '../support/gateway.ts';
import { dataUrl, PDF, png } from '../support/media-samples.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { systemTexts, text } from '../support/scripted-messages-api.ts';
import { weather, WEATHER_NAME } from '../support/weather-tool.ts';

const MODEL = 'claude-haiku-4-5';
const PNG = png(3, 2);
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: { PROCESS_POOL__MIN_IDLE: '1' } });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(text('understood'));
});

interface Answer {
  readonly choices: { message: { content: string | null; tool_calls?: object[] }; finish_reason: string }[];
}

async function ask(body: object): Promise<{ answer: Answer; ignored: string | null }> {
  const response = await gateway.post({ model: MODEL, ...body });
  const raw = await response.text();
  assert.equal(response.status, 200, raw);
  const answer = JSON.parse(raw) as Answer;
  assertMatchesSchema('CreateChatCompletionResponse', answer);
  return { answer, ignored: response.headers.get('x-claude-code-ignored') };
}

/** The content of each message as it reached the model, without marks for the cache. */
function reached(): ContentBlockParam[][] {
  return gateway.api.last.body.messages.map(({ content }) => {
    assert.ok(Array.isArray(content));
    return content.map(({ cache_control: _mark, ...block }: ContentBlockParam & { cache_control?: unknown }) => block);
  });
}

const said = (value: string): object => ({ type: 'text', text: value });
const anthropicTool = { name: weather.name, description: weather.description, input_schema: weather.inputSchema };
const base64 = (content: Buffer): string => content.toString('base64');
const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64(PNG) } };
const called = { type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: { city: 'Rome' } };

test("a body of Anthropic's Messages API, with its tools, blocks and thinking, is taken for what it means", async () => {
  const { ignored } = await ask({
    max_tokens: 4096,
    system: [{ ...said('Be brief.'), cache_control: { type: 'ephemeral' } }],
    stop_sequences: ['END'],
    thinking: { type: 'enabled', budget_tokens: 2048 },
    tools: [{ ...anthropicTool, cache_control: { type: 'ephemeral' } }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    messages: [
      { role: 'user', content: [picture, said('weather?')] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'signed' },
          said('Let me look.'),
          { ...called, name: weather.name },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [said('see'), picture] },
          { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: base64(PDF) } },
          said('and now?'),
        ],
      },
    ],
  }); // prettier-ignore
  const { body } = gateway.api.last;
  assert.deepEqual(systemTexts(body), ['Be brief.']);
  assert.deepEqual(body['stop_sequences'], ['END']);
  assert.deepEqual(body['tool_choice'], { type: 'auto', disable_parallel_tool_use: true });
  assert.notDeepEqual(body['thinking'], { type: 'disabled' });
  assert.deepEqual(body.tools?.map(({ name, description }) => [name, description]), [[WEATHER_NAME, weather.description]]); // prettier-ignore
  assert.deepEqual(reached(), [
    [picture, said('weather?')],
    [{ type: 'thinking', thinking: 'Hm.', signature: 'signed' }, said('Let me look.'), called],
    [
      { type: 'tool_result', tool_use_id: 'toolu_1', content: [said('see'), picture] },
      { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: base64(PDF) } },
      said('and now?'),
    ],
  ]); // prettier-ignore
  assert.match(ignored ?? '', /thinking\.budget_tokens \(taken for the effort low\)/);
  assert.match(ignored ?? '', /system\.cache_control/);
});

test('a body of the Responses API on the chat path is answered as a chat completion, a call too', async () => {
  gateway.api.respond({ kind: 'message', content: [{ type: 'tool_use', id: 'toolu_2', name: WEATHER_NAME, input: { city: 'Oslo' } }] }); // prettier-ignore
  const { answer, ignored } = await ask({
    instructions: 'Be brief.',
    max_output_tokens: 99,
    reasoning: { effort: 'none', summary: 'auto' },
    store: false,
    include: ['reasoning.encrypted_content'],
    tools: [{ type: 'function', name: weather.name, description: weather.description, parameters: weather.inputSchema, strict: false }],
    tool_choice: 'auto',
    input: [
      { role: 'developer', content: 'Use tools.' },
      { role: 'user', content: [{ type: 'input_text', text: 'weather?' }, { type: 'input_image', image_url: dataUrl('image/png', PNG), detail: 'auto' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' },
      { type: 'function_call', id: 'fc_1', call_id: 'toolu_1', name: weather.name, arguments: '{"city":"Rome"}', status: 'completed' },
      { type: 'function_call_output', call_id: 'toolu_1', output: 'sunny' },
      { type: 'message', role: 'assistant', id: 'msg_1', status: 'completed', content: [{ type: 'output_text', text: 'Sunny.', annotations: [] }] },
      { type: 'message', role: 'user', content: 'and in Oslo?' },
    ],
  }); // prettier-ignore
  const { body } = gateway.api.last;
  assert.deepEqual(systemTexts(body), ['Be brief.', 'Use tools.']);
  assert.equal(body.max_tokens, 99);
  assert.deepEqual(reached(), [
    [said('weather?'), picture],
    [called],
    [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }],
    [said('Sunny.')],
    [said('and in Oslo?')],
  ]);
  assert.equal(answer.choices[0]?.finish_reason, 'tool_calls');
  assert.deepEqual(answer.choices[0]?.message.tool_calls, [
    { id: 'toolu_2', type: 'function', function: { name: weather.name, arguments: '{"city":"Oslo"}' } },
  ]);
  assert.equal(ignored, 'input.encrypted_content, reasoning.summary, include');
});

test("a loop of calls in Anthropic's words, mixed with OpenAI's, streams and goes on", async () => {
  gateway.api.respondOnce({ kind: 'message', content: [{ type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: { city: 'Rome' } }] }); // prettier-ignore
  const tools = [anthropicTool];
  const question = { role: 'user', content: 'weather?' };
  const streamed = await gateway.post({ model: MODEL, messages: [question], tools, tool_choice: { type: 'tool', name: weather.name }, stream: true }); // prettier-ignore
  assert.match(await streamed.text(), /"name":"get_weather"/);
  assert.deepEqual(gateway.api.last.body['tool_choice'], { type: 'tool', name: WEATHER_NAME });
  const call = { id: 'toolu_1', type: 'function', function: { name: weather.name, arguments: '{"city":"Rome"}' } };
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'broken', is_error: true };
  const { answer } = await ask({
    messages: [question, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'user', content: [result] }],
    tools,
  });
  assert.equal(answer.choices[0]?.message.content, 'understood');
  assert.deepEqual(reached(), [[said('weather?')], [called], [result]]);
});

test('a format in the words of the Responses API holds the answer to it', async () => {
  gateway.api.respond(text('{"city":"Rome"}'));
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }; // prettier-ignore
  for (const format of [
    { text: { format: { type: 'json_schema', name: 'place', schema } } },
    { output_config: { format: { type: 'json_schema', schema } } },
  ]) {
    const { answer } = await ask({ input: 'where?', ...format });
    assert.equal(answer.choices[0]?.message.content, '{"city":"Rome"}');
    const config = gateway.api.last.body['output_config'] as { format: { type: string; schema: { required: string[] } } };
    assert.deepEqual([config.format.type, config.format.schema.required], ['json_schema', ['city']]);
  } // prettier-ignore
});

test('numbers of a schema keep their digits, or are named, on their way to the model', async () => {
  const body = `{"model":"${MODEL}","messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{
    "id":{"type":"integer","enum":[12345678901234567890]},"n":{"type":"integer","maximum":9223372036854775807},"v":{"default":1.10}}}}]}`;
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(response.status, 200, await response.text());
  assert.deepEqual(gateway.api.last.body.tools?.[0]?.input_schema.properties, {
    id: { type: ['integer', 'string'], enum: ['12345678901234567890'] },
    n: { type: 'integer', maximum: 9223372036854776000 },
    v: { default: 1.1 },
  });
  const ignored = response.headers.get('x-claude-code-ignored') ?? '';
  assert.match(
    ignored,
    /tools\.input_schema\.properties\.n\.maximum \(9223372036854775807 becomes 9223372036854776000\)/,
  );
});

test('a field that is wrong is named as the client wrote it, and the model is not asked', async () => {
  const response = await gateway.post({
    model: MODEL,
    instructions: 'Be brief.',
    input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] }],
  });
  const { error } = (await response.json()) as { error: { param: string; message: string } };
  assert.deepEqual([response.status, error.param], [400, 'input[0].content[0].image_url']);
  assert.match(error.message, /^Invalid 'input\[0\]\.content\[0\]\.image_url': /);
  assert.equal(gateway.api.requests.length, 0);
});
