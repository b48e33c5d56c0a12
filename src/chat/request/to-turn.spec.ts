// Guarantee: every field of a request is honoured, refused by its name, or named as having no effect.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';
import { toTurn } from './to-turn.ts';

const flexible: ResolvedModel = { requested: 'm', cliModel: 'm' };
const thinker: ResolvedModel = {
  requested: 't',
  cliModel: 't',
  catalogue: {
    value: 't',
    resolvedModel: 't',
    displayName: 'T',
    supportedEffortLevels: ['low', 'medium', 'high'],
    supportsThinkingOff: false,
  },
};
const messages = [{ role: 'user', content: 'x' }];

function map(body: object, model = flexible, isStrict = false): MappedTurn {
  const request = parseChatCompletionRequest({ model: 'm', messages, ...body });
  return toTurn(request, model, new Map(), { defaultEffort: 'none', isStrict });
}

const HONOURED: [object, object][] = [
  [{ temperature: 0.5 }, { temperature: 0.5 }],
  [{ top_p: 0.5 }, { topP: 0.5 }],
  [{ stop: 'a' }, { stopSequences: ['a'] }],
  [{ stop: ['a', 'b'] }, { stopSequences: ['a', 'b'] }],
  [{ stop: ['\n\n', ' '] }, { stopSequences: ['\n\n', ' '] }],
  [{ max_tokens: 5 }, { maxOutputTokens: 5 }],
  [{ max_tokens: 5, max_completion_tokens: 6 }, { maxOutputTokens: 6 }],
];
for (const [body, settings] of HONOURED) {
  test(`${JSON.stringify(body)} is honoured`, () => {
    const { turn, ignored } = map(body);
    assert.deepEqual(turn.settings, { thinking: 'off', ...settings });
    assert.deepEqual(ignored, []);
  });
}

test('annotations that an answer was sent with can be sent back', () => {
  const withAnnotations = (annotations: unknown): readonly string[] =>
    map({ messages: [...messages, { role: 'assistant', content: 'y', refusal: null, annotations }, ...messages] })
      .ignored;
  assert.deepEqual(
    [withAnnotations([]), withAnnotations(null), withAnnotations([{ type: 'url_citation' }])],
    [[], [], ['messages.annotations']],
  );
});

test('fields further down that have no effect are named too', () => {
  const { ignored } = map({
    stream_options: { include_usage: true, include_obfuscation: true },
    messages: [{ role: 'user', name: 'n', content: [{ type: 'text', text: 'x', cache_control: {} }] }],
    tools: [{ type: 'function', function: { name: 'f', strict: true } }],
  });
  assert.deepEqual(ignored, [
    'messages.name',
    'tools.function.strict',
    'stream_options.include_obfuscation',
    'messages.content.cache_control',
  ]);
});

const AS_DEFAULT = {
  n: 1,
  presence_penalty: 0,
  logprobs: false,
  response_format: { type: 'text' },
  store: false,
  modalities: ['text'],
  service_tier: 'auto',
  logit_bias: {},
  seed: null,
  user: null,
};
test('values that ask for what happens anyway are neither refused nor named', () => {
  assert.deepEqual(map(AS_DEFAULT).ignored, []);
});

for (const [field, value] of Object.entries({
  seed: 1,
  user: 'u',
  metadata: { a: 'b' },
  presence_penalty: 1,
  frequency_penalty: -2,
  logit_bias: { 50256: -100, '5': 0.5 },
  service_tier: 'flex',
  unknown_field: 1,
  prediction: {},
})) {
  test(`${field} has no effect and is named, or refused where that is wanted`, () => {
    assert.deepEqual(map({ [field]: value }).ignored, [field]);
    assert.throws(
      () => map({ [field]: value }, flexible, true),
      (error: GatewayError) => error.status === 400 && error.param === field,
    );
  });
}

for (const [field, value] of Object.entries({
  logprobs: true,
  top_logprobs: 2,
  modalities: ['audio'],
  audio: {},
  web_search_options: {},
})) {
  test(`${field} changes the answer and is refused`, () => {
    assert.throws(
      () => map({ [field]: value }),
      (error: GatewayError) => error.status === 400 && error.param === field && error.code === 'unsupported_parameter',
    );
  });
}

test('thinking follows reasoning_effort as far as the model goes', () => {
  assert.deepEqual(map({ reasoning_effort: 'minimal' }, thinker).turn.settings, { thinking: 'on', effort: 'low' });
  assert.deepEqual(map({ reasoning_effort: 'high' }, thinker).turn.settings, { thinking: 'on', effort: 'high' });
  assert.deepEqual(map({}, thinker).turn.settings, { thinking: 'on' });
  assert.equal(map({ reasoning_effort: 'none' }, thinker).ignored.length, 1);
  assert.deepEqual(map({ reasoning_effort: 'xhigh' }, thinker).turn.settings, { thinking: 'on', effort: 'high' });
});

test('sampling is left out and named where the model thinks', () => {
  const { turn, ignored } = map({ temperature: 0.2, top_p: 0.3 }, thinker);
  assert.deepEqual(turn.settings, { thinking: 'on' });
  assert.equal(ignored.length, 2);
  assert.equal(map({ temperature: 1.5 }).turn.settings.temperature, 1);
  assert.equal(map({ temperature: 1.5 }).ignored.length, 1);
});

const tool = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
};
test('tools and the choice among them are mapped', () => {
  const { turn } = map({ tools: [tool], tool_choice: 'required', parallel_tool_calls: false });
  assert.deepEqual(turn.tools, [{ name: 'f', inputSchema: tool.function.parameters }]);
  assert.deepEqual(turn.settings.toolChoice, { type: 'any', disableParallelToolUse: true });
  assert.deepEqual(
    map({ tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } }).turn.settings.toolChoice,
    { type: 'tool', name: 'f' },
  );
  assert.equal(map({ tools: [tool] }).turn.settings.toolChoice, undefined);
});

test('a conversation with calls but without tools declares what was called and forbids more', () => {
  const called = [
    { role: 'user', content: 'x' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: 'r' },
  ];
  const { turn } = map({ messages: called });
  assert.deepEqual(turn.tools, [{ name: 'f', inputSchema: { type: 'object' } }]);
  assert.deepEqual(turn.settings.toolChoice, { type: 'none' });
});

const call = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } });
test('calls and results are matched by id, in any order, with ids that repeat or that the API would refuse', () => {
  const { turn } = map({
    tools: [tool],
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: 'hm', tool_calls: [call('a:1'), call('b')] },
      { role: 'tool', tool_call_id: 'b', content: 'rb' },
      { role: 'tool', tool_call_id: 'a:1', content: [{ type: 'text', text: 'ra' }] },
      { role: 'assistant', tool_calls: [call('b')] },
      { role: 'tool', tool_call_id: 'b', content: '' },
      { role: 'user', content: 'and?' },
    ],
  });
  assert.deepEqual(
    turn.history[1]?.content.map((block) => (block.type === 'tool_use' ? block.id : block.type)),
    ['text', 'a_1', 'b'],
  );
  assert.deepEqual(turn.history[2]?.content, [
    { type: 'tool_result', tool_use_id: 'b', content: 'rb' },
    { type: 'tool_result', tool_use_id: 'a_1', content: [{ type: 'text', text: 'ra' }] },
  ]);
  assert.deepEqual(turn.message.content, [
    { type: 'tool_result', tool_use_id: 'b-2' },
    { type: 'text', text: 'and?' },
  ]);
});

const BROKEN: [string, object, string][] = [
  [
    'a call at the end',
    [
      { role: 'user', content: 'x' },
      { role: 'assistant', tool_calls: [call('a')] },
    ],
    'messages[1].tool_calls',
  ],
  ['an unknown role', [{ role: 'wizard', content: 'x' }], 'messages[0].role'],
  ['a part without text', [{ role: 'user', content: [{ type: 'text' }] }], 'messages[0].content[0].text'],
  ['an unknown part', [{ role: 'user', content: [{ type: 'video' }] }], 'messages[0].content[0].type'],
  ['content of another type', [{ role: 'user', content: 5 }], 'messages[0].content'],
];
for (const [what, broken, param] of BROKEN) {
  test(`${what} is refused and its place is named`, () => {
    assert.throws(
      () => map({ messages: broken }),
      (error: GatewayError) => error instanceof GatewayError && error.status === 400 && error.param === param,
    );
  });
}
