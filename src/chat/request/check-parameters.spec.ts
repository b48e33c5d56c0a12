// Guarantee: every field that a body can have is read elsewhere, says what happens anyway, is named as having no effect, or is
// refused by its name; none passes in silence.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import { checkParameters } from './check-parameters.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';

const messages = [{ role: 'user', content: 'x' }];

const check = (body: object): string[] =>
  checkParameters(parseChatCompletionRequest({ model: 'm', messages, ...body }));

function refusedField(body: object): string | null {
  try {
    check(body);
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.deepEqual([error.status, error.code], [400, 'unsupported_parameter']);
    assert.ok(error.message.includes(`'${error.param}'`));
    return error.param;
  }
  return null;
}

/** For each field: values that say what happens anyway, and others with what is done with them. */
const VERDICTS: Readonly<Record<string, { defaults?: unknown[]; others: unknown[]; verdict: 'ignored' | 'refused' }>> =
  {
    logprobs: { defaults: [false], others: [true], verdict: 'refused' },
    top_logprobs: { defaults: [0], others: [1], verdict: 'refused' },
    modalities: { defaults: [['text']], others: [['text', 'audio'], ['audio']], verdict: 'refused' },
    audio: { others: [{}, { voice: 'alloy', format: 'wav' }], verdict: 'refused' },
    web_search_options: { others: [{}], verdict: 'refused' },
    moderation: { others: [{}], verdict: 'refused' },
    previous_response_id: { others: ['resp_1', ''], verdict: 'refused' },
    background: { defaults: [false], others: [true, 'yes'], verdict: 'refused' },
    logit_bias: { defaults: [{}], others: [{ 5: 0 }], verdict: 'ignored' },
    presence_penalty: { defaults: [0], others: [-2, 0.1], verdict: 'ignored' },
    frequency_penalty: { defaults: [0], others: [2], verdict: 'ignored' },
    seed: { others: [0, 2 ** 63], verdict: 'ignored' },
    user: { others: ['', 'u'], verdict: 'ignored' },
    metadata: { others: [{}, { a: 'b' }], verdict: 'ignored' },
    service_tier: { defaults: ['auto', 'default'], others: ['flex', 'priority'], verdict: 'ignored' },
    prediction: { others: [{ type: 'content', content: 'x' }], verdict: 'ignored' },
    verbosity: { defaults: ['medium'], others: ['low', 'high'], verdict: 'ignored' },
    safety_identifier: { others: ['s'], verdict: 'ignored' },
    prompt_cache_key: { others: ['k'], verdict: 'ignored' },
    prompt_cache_retention: { others: ['24h'], verdict: 'ignored' },
    prompt_cache_options: { others: [{}], verdict: 'ignored' },
  };

for (const [field, { defaults = [], others, verdict }] of Object.entries(VERDICTS)) {
  test(`${field} is ${verdict}, unless it says what happens anyway`, () => {
    for (const value of [null, ...defaults]) assert.deepEqual(check({ [field]: value }), [], JSON.stringify(value));
    for (const value of others) {
      if (verdict === 'refused') assert.equal(refusedField({ [field]: value }), field, JSON.stringify(value));
      else assert.deepEqual(check({ [field]: value }), [field], JSON.stringify(value));
    }
  });
}

const SUPPORTED = {
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0.5,
  top_p: 0.5,
  max_tokens: 5,
  max_completion_tokens: 5,
  stop: ['a'],
  n: 2,
  reasoning_effort: 'low',
  tools: [{ type: 'function', function: { name: 'f' } }],
  tool_choice: 'auto',
  parallel_tool_calls: false,
  functions: [{ name: 'g' }],
  function_call: 'auto',
  response_format: { type: 'json_object' },
  store: false,
};

test('fields that are read elsewhere are neither named nor refused', () => {
  assert.deepEqual(check({ ...SUPPORTED, conversation_id: 'conv_1' }), []);
});

test('these are all fields that OpenAI describes', () => {
  const file = new URL('../../../../test/fixtures/openai-schemas.json', import.meta.url);
  const { $defs: schemas } = JSON.parse(readFileSync(file, 'utf8')) as {
    $defs: Record<string, { properties?: object; allOf?: { properties?: object; $ref?: string }[] }>;
  };
  const fieldsOf = (name: string): string[] =>
    (schemas[name]?.allOf ?? [schemas[name]]).flatMap((part) => [
      ...Object.keys(part?.properties ?? {}),
      ...(part && '$ref' in part ? fieldsOf(part.$ref?.split('/').at(-1) ?? '') : []),
    ]);
  const described = fieldsOf('CreateChatCompletionRequest');
  assert.ok(described.length > 30);
  const known = new Set(['model', 'messages', ...Object.keys(SUPPORTED), ...Object.keys(VERDICTS)]);
  assert.deepEqual(described.filter((field) => !known.has(field)), []); // prettier-ignore
});

test('a template of a prompt is refused, and a text where the legacy API has its prompt is named', () => {
  assert.equal(refusedField({ prompt: { id: 'pmpt_1' } }), 'prompt');
  assert.deepEqual(check({ prompt: 'x' }), ['prompt']);
});

test('a refused field is told whatever else is ignored', () => {
  assert.equal(refusedField({ seed: 1, audio: {}, unknown: 1 }), 'audio');
});

test('what is named comes once each: fields, what stands in them, and fields that nobody knows', () => {
  const told = [
    { role: 'user', name: 'a', content: 'x' },
    { role: 'user', name: 'b', content: 'y', mood: 'good' },
  ];
  const strict = { type: 'function', function: { name: 'f', strict: true } };
  const stream = { stream: true, stream_options: { include_obfuscation: true } };
  assert.deepEqual(check({ unknown: 1, ...stream, tools: [strict, strict], messages: told, seed: 1 }), [
    'seed',
    'messages.name',
    'tools.function.strict',
    'stream_options.include_obfuscation',
    'messages.mood',
    'unknown',
  ]);
});

test('strict functions of the legacy form are named as such', () => {
  assert.deepEqual(check({ functions: [{ name: 'f' }, { name: 'g', strict: true }] }), ['functions.strict']);
  assert.deepEqual(check({ functions: [{ name: 'f', strict: false }] }), []);
});

test('a field of a name that every object has is one that nobody knows', () => {
  const body = JSON.parse('{"constructor":1,"toString":{},"__proto__":{"audio":{}}}') as object;
  const request = Object.defineProperties({ model: 'm', messages }, Object.getOwnPropertyDescriptors(body));
  const named = checkParameters(parseChatCompletionRequest(request));
  assert.deepEqual(named.toSorted(), ['__proto__', 'constructor', 'toString']);
});
