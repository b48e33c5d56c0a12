// Guarantee: a conversation can go on after any history, and what was said in it reaches the model through the real CLI.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { say, texts } from '../support/conversation-calls.ts';
import { Gateway } from '../support/gateway.ts';
import { dataUrl, PDF, png } from '../support/media-samples.ts';
import { MediaServer } from '../support/media-server.ts';
import { lastText, text } from '../support/scripted-messages-api.ts';
import { weatherTool, WEATHER_NAME } from '../support/weather-tool.ts';

const MODEL = 'claude-haiku-4-5';
const PNG = png(3, 2);
let gateway: Gateway;
let server: MediaServer;
beforeAll(async () => {
  server = await MediaServer.start();
  gateway = await Gateway.start({
    settings: {
      PROCESS_POOL__MIN_IDLE: '1',
      MEDIA__TRUSTED_ORIGINS: JSON.stringify([server.origin]),
      MEDIA__MAX_IMAGES: '2',
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await server.close();
});
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
});

interface Reached {
  readonly messages: ContentBlockParam[][];
  readonly ignored: string | null;
}

/** What the model was given for a history and a question. */
async function reached(history: readonly unknown[], asked: readonly unknown[] = [user('go on')]): Promise<Reached> {
  const messages = [...history, ...asked];
  const response = await gateway.post({ model: MODEL, messages, tools: [weatherTool] });
  const raw = await response.text();
  assert.equal(response.status, 200, raw);
  assert.equal(gateway.api.requests.length, 1);
  const given = gateway.api.last.body.messages.map(({ content }) => {
    const blocks = typeof content === 'string' ? [said(content)] : content;
    return blocks.map(({ cache_control: _mark, ...block }: ContentBlockParam & { cache_control?: unknown }) => block);
  });
  return { messages: given, ignored: response.headers.get('x-claude-code-ignored') };
}

const said = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
const user = (content: unknown): object => ({ role: 'user', content });
const calling = (json: unknown, id: unknown = 'x'): object => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'get_weather', arguments: json } }],
});
const result = (content: unknown, id: unknown = 'x'): object => ({ role: 'tool', tool_call_id: id, content });
const called = (input: object, id = 'x'): object => ({ type: 'tool_use', id, name: WEATHER_NAME, input });
const answered = (content: unknown, id = 'x'): object => ({ type: 'tool_result', tool_use_id: id, content });
const unanswered = { ...answered('No result was given for this call.'), is_error: true };
const GO_ON = said('go on');

const HISTORIES: [what: string, history: unknown[], expected: object[][]][] = [
  ['arguments that are cut off', [user('q'), calling('{"city": "Ro'), result('sunny')], [[said('q')], [called({ INVALID_JSON: '{"city": "Ro' })], [answered('sunny'), GO_ON]]],
  ['arguments with a raw line feed', [user('q'), calling('{"city": "Ro\nme"}'), result('sunny')], [[said('q')], [called({ city: 'Ro\nme' })], [answered('sunny'), GO_ON]]],
  ['arguments that are a list', [user('q'), calling('["Rome"]'), result('sunny')], [[said('q')], [called({ arguments: ['Rome'] })], [answered('sunny'), GO_ON]]],
  ['arguments that were encoded twice', [user('q'), calling('"{\\"city\\":\\"Rome\\"}"'), result('sunny')], [[said('q')], [called({ city: 'Rome' })], [answered('sunny'), GO_ON]]],
  ['numbers that lose digits', [user('q'), calling('{"id":12345678901234567890,"price":1.10,"x":1e400,"y":0.1000000000000000055,"n":20.0}'), result('ok')], [[said('q')], [called({ id: '12345678901234567890', price: '1.10', x: '1e400', y: '0.1000000000000000055', n: 20 })], [answered('ok'), GO_ON]]],
  ['a call without a result', [user('q'), calling('{}')], [[said('q')], [called({})], [unanswered, GO_ON]]],
  ['a call without a result, and an answer', [user('q'), calling('{}'), user('b'), { role: 'assistant', content: 'c' }], [[said('q')], [called({})], [unanswered, said('b')], [said('c')], [GO_ON]]],
  ['a result that comes late', [user('q'), calling('{}'), user('b'), result('sunny')], [[said('q')], [called({})], [answered('sunny'), said('b'), GO_ON]]],
  ['a result whose call was cut off', [result('sunny'), { role: 'assistant', content: 'a' }], [[said('Result of the tool call "x":'), said('sunny')], [said('a')], [GO_ON]]],
  ['a second result of a call', [user('q'), calling('{}'), result('one'), result('two')], [[said('q')], [called({})], [answered('one'), said('Result of the tool call "x":'), said('two'), GO_ON]]],
  ['a call and a result with empty ids', [user('q'), calling('{}', ''), result('sunny', '')], [[said('q')], [called({}, 'call_0')], [answered('sunny', 'call_0'), GO_ON]]],
  ['a call and a result without ids', [user('q'), calling('{}', null), result('sunny', null)], [[said('q')], [called({}, 'call_0')], [answered('sunny', 'call_0'), GO_ON]]],
  ['null as every content', [user(null), { role: 'assistant', content: null }, { role: 'system', content: null }], [[GO_ON]]],
  ['a role that nobody has', [user('q'), { role: 'critic', content: 'bad' }], [[said('q'), said('[critic] bad'), GO_ON]]],
  ['a part that is not known', [user('q'), { role: 'assistant', content: [{ type: 'audio', id: 'a' }] }], [[said('q')], [said('[audio] {"type":"audio","id":"a"}')], [GO_ON]]],
]; // prettier-ignore
for (const [what, history, expected] of HISTORIES) {
  test(`a conversation goes on after ${what}`, async () => {
    assert.deepEqual((await reached(history)).messages, expected);
  });
}

test('images and files in a tool message reach the model in the result of the call', async () => {
  const image = { type: 'image_url', image_url: { url: dataUrl('image/png', PNG) } };
  const file = { type: 'file', file: { file_data: dataUrl('application/pdf', PDF) } };
  const { messages } = await reached([user('q'), calling('{}'), result([said('see'), image, file])], []);
  const source = (type: string, content: Buffer): object => ({ type: 'base64', media_type: type, data: content.toString('base64') }); // prettier-ignore
  assert.deepEqual(messages.at(-1), [
    answered([
      said('see'),
      { type: 'image', source: source('image/png', PNG) },
      { type: 'document', source: source('application/pdf', PDF) },
    ]),
  ]);
});

test('an image of the history that cannot be used any more is told to the model, and named', async () => {
  const gone = { type: 'image_url', image_url: { url: `${server.origin}/gone` } };
  const broken = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const { messages, ignored } = await reached([user([said('see'), gone]), { role: 'assistant', content: 'a' }, user([broken])]); // prettier-ignore
  const told = messages.flat().map((block) => (block.type === 'text' ? block.text : block.type));
  assert.match(told[1] ?? '', /^\[This image is not available\. .*\]$/);
  assert.match(told[3] ?? '', /^\[This image is not available\. Its content is not .*\]$/);
  assert.equal(ignored, 'messages.content.image_url (not available; the model gets a note)');
  const refused = await gateway.post({ model: MODEL, messages: [user([gone])] });
  assert.equal(refused.status, 400);
  await refused.text();
});

test('of more images than a request can have the oldest of the history are left out', async () => {
  const image = { type: 'image_url', image_url: { url: dataUrl('image/png', PNG) } };
  const turn = [user([image]), { role: 'assistant', content: 'a' }];
  const { messages } = await reached([...turn, ...turn, ...turn], [user([image])]);
  const asked = messages.filter((_content, index) => index % 2 === 0).flat();
  assert.deepEqual(
    asked.map((block) => (block.type === 'text' ? block.text : block.type)),
    [
      '[This image is not available. Too many images: at most 2 are allowed.]',
      '[This image is not available. Too many images: at most 2 are allowed.]',
      'image',
      'image',
    ],
  );
});

test('a request that ends with calls is refused: there is nothing yet to go on with', async () => {
  const response = await gateway.post({ model: MODEL, messages: [user('q'), calling('{}')], tools: [weatherTool] });
  const { error } = (await response.json()) as { error: { param: string } };
  assert.deepEqual([response.status, error.param], [400, 'messages[1].tool_calls']);
  assert.equal(gateway.api.requests.length, 0);
});

describe('a stored conversation', () => {
  test('goes on with words of the user where the results of its calls are missing, and goes on again', async () => {
    gateway.api.respondOnce({ kind: 'message', content: [{ type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: { city: 'Rome' } }] }); // prettier-ignore
    const first = await say(gateway, 'weather?', { tools: [weatherTool] });
    const more = { conversation_id: first.conversationId, tools: [weatherTool] };
    assert.equal((await say(gateway, 'never mind', more)).content, 'You said: [tool_result]\nnever mind');
    assert.equal((await say(gateway, 'and now?', more)).status, 200);
    const [, call, next] = gateway.api.last.body.messages;
    assert.equal(Array.isArray(call?.content) && call.content[0]?.type, 'tool_use');
    assert.deepEqual(next?.content, [{ ...unanswered, tool_use_id: 'toolu_1' }, said('never mind')]);
    assert.deepEqual(await texts(gateway, first.conversationId), [
      ['user', 'weather?'],
      ['function_call', ''],
      ['function_call_output', ''],
      ['user', 'never mind'],
      ['assistant', 'You said: [tool_result]\nnever mind'],
      ['user', 'and now?'],
      ['assistant', 'You said: and now?'],
    ]);
  });

  test('that is told again by its client is known, though a result was missing', async () => {
    gateway.api.respondOnce({ kind: 'message', content: [{ type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: { city: 'Rome' } }] }); // prettier-ignore
    const first = await say(gateway, 'weather?', { tools: [weatherTool] });
    const more = { conversation_id: first.conversationId, tools: [weatherTool] };
    const retold = [
      { role: 'user', content: 'weather?' },
      { role: 'assistant', content: null, tool_calls: first.calls },
      { role: 'user', content: 'never mind' },
    ] as const;
    const second = await say(gateway, [...retold], more);
    await say(gateway, [...retold, { role: 'assistant', content: second.content }, { role: 'user', content: 'and now?' }], more); // prettier-ignore
    assert.equal(gateway.api.last.body.messages.length, 5);
    assert.equal((await texts(gateway, first.conversationId)).length, 7);
  });
});

describe('the arguments that the model wrote', () => {
  const WRITTEN = '{"city": "Rome",\n  "id": 12345678901234567890, "price": 1.10, "x": 1e400}';
  const INPUT = { city: 'Rome', id: '12345678901234567890', price: '1.10', x: '1e400' };
  beforeEach(() => {
    gateway.api.respondOnce({
      kind: 'message',
      content: [{ type: 'tool_use', id: 'toolu_1', name: WEATHER_NAME, input: {}, json: WRITTEN }],
    });
  });

  test('reach the client byte for byte, whole and in its conversation, and go back with their digits', async () => {
    const first = await say(gateway, 'weather?', { tools: [weatherTool] });
    assert.equal(first.calls[0]?.function.arguments, WRITTEN);
    const { data } = await gateway.client().conversations.items.list(first.conversationId, { order: 'asc' });
    assert.equal(data[1]?.type === 'function_call' && data[1].arguments, WRITTEN);
    for (const messages of [
      [{ role: 'tool', tool_call_id: 'toolu_1', content: 'sunny' }],
      [user('weather?'), { role: 'assistant', content: null, tool_calls: first.calls }, { role: 'tool', tool_call_id: 'toolu_1', content: 'sunny' }],
    ]) {
      const more = messages.length === 1 ? { conversation_id: first.conversationId, store: false } : {};
      const response = await gateway.post({ model: MODEL, messages, tools: [weatherTool], ...more });
      assert.equal(response.status, 200, await response.text());
      const content = gateway.api.last.body.messages[1]?.content;
      assert.deepEqual(content, [called(INPUT, 'toolu_1')]);
    }
  }); // prettier-ignore

  test('reach the client byte for byte, streamed', async () => {
    const stream = await gateway.client().chat.completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: 'weather?' }],
      tools: [weatherTool as never],
      stream: true,
    });
    let streamed = '';
    for await (const { choices } of stream) streamed += choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    assert.equal(streamed, WRITTEN);
  });
});
