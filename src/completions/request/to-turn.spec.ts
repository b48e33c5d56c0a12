// Guarantee: every field of a request is honoured, refused by its name, or named as having no effect.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import { parseCompletionRequest } from './completion-request.ts';
import { toTurn, type ToTurnOptions } from './to-turn.ts';

const model = { requested: 'm', cliModel: 'm' };

function map(body: object, options: Partial<ToTurnOptions> = {}): MappedTurn {
  return toTurn(parseCompletionRequest({ model: 'm', prompt: 'x', ...body }), model, {
    defaultEffort: 'none',
    isStrict: false,
    hasConversationHeader: false,
    ...options,
  });
}

function texts(body: object): string[] {
  return map(body).turn.message.content.map((block) => (block.type === 'text' ? block.text : block.type));
}

test('the prompt is the message of the user, as it is, after nothing', () => {
  const { turn, ignored } = map({ prompt: ' def f():\n\n' });
  assert.deepEqual(turn, {
    model: 'm',
    system: [],
    history: [],
    message: { role: 'user', content: [{ type: 'text', text: ' def f():\n\n' }] },
    tools: [],
    settings: { thinking: 'off' },
  });
  assert.deepEqual(ignored, []);
});

test('of a suffix the model is told in words', () => {
  const [prompt, told, ...more] = texts({ prompt: 'a = (', suffix: ')\n' });
  assert.equal(prompt, 'a = (');
  assert.match(told ?? '', /after the text above and before the text below.*:\n\n\)\n$/);
  assert.deepEqual(more, []);
});

test('before a suffix alone there is no text above', () => {
  const [told, ...more] = texts({ prompt: '\n', suffix: 'end' });
  assert.match(told ?? '', /^Write the text that comes directly before the text below\. .*:\n\nend$/);
  assert.deepEqual(more, []);
});

test('an empty suffix says nothing', () => assert.deepEqual(texts({ suffix: '' }), ['x']));

for (const [body, settings] of [
  [{ temperature: 0.5 }, { temperature: 0.5 }],
  [{ top_p: 0.5 }, { topP: 0.5 }],
  [{ stop: 'a' }, { stopSequences: ['a'] }],
  [{ stop: ['a', '\n'] }, { stopSequences: ['a', '\n'] }],
  [{ max_tokens: 5 }, { maxOutputTokens: 5 }],
  [{ n: 2, best_of: 2, echo: true, stream: true, stream_options: { include_usage: true } }, {}],
  [{ logit_bias: {}, presence_penalty: 0, frequency_penalty: 0, user: null, logprobs: null }, {}],
] as const) {
  test(`${JSON.stringify(body)} is honoured`, () => {
    const { turn, ignored } = map(body, { isStrict: true });
    assert.deepEqual(turn.settings, { thinking: 'off', ...settings });
    assert.deepEqual(ignored, []);
  });
}

const refusal =
  (param: string, code: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof GatewayError);
    assert.deepEqual([error.status, error.param, error.code], [400, param, code]);
    return true;
  };

for (const [body, field, code] of [
  [{ logprobs: 0 }, 'logprobs', 'unsupported_parameter'],
  [{ best_of: 3, n: 2 }, 'best_of', 'unsupported_parameter'],
  [{ best_of: 2 }, 'best_of', 'unsupported_parameter'],
  [{ best_of: 2, n: 3 }, 'best_of', 'invalid_value'],
  [{ stop: ['a', ''] }, 'stop[1]', 'empty_string'],
] as const) {
  test(`${JSON.stringify(body)} is refused`, () => assert.throws(() => map(body), refusal(field, code)));
}

for (const [field, value] of [
  ['seed', 1],
  ['user', 'u'],
  ['presence_penalty', 1],
  ['frequency_penalty', -1],
  ['logit_bias', { 50256: -100 }],
  ['conversation_id', 'conv_1'],
  ['unknown_field', true],
] as const) {
  test(`${field} has no effect and is named, or refused where that is wanted`, () => {
    assert.deepEqual(map({ [field]: value }).ignored, [field]);
    assert.throws(() => map({ [field]: value }, { isStrict: true }), refusal(field, 'unsupported_parameter'));
  });
}

test('a header that names a conversation has no effect and is named', () => {
  assert.deepEqual(map({}, { hasConversationHeader: true }).ignored, ['x-conversation-id']);
});

test('sampling is left out and named where the model thinks', () => {
  const { turn, ignored } = map({ temperature: 0.2, top_p: 0.5 }, { defaultEffort: 'low' });
  assert.deepEqual(
    [turn.settings.thinking, turn.settings.temperature, turn.settings.topP],
    ['on', undefined, undefined],
  );
  assert.deepEqual(ignored, [
    'temperature (not available while the model thinks)',
    'top_p (not available while the model thinks)',
  ]);
});

test('a temperature above 1 is 1, and named', () => {
  const { turn, ignored } = map({ temperature: 1.5 });
  assert.equal(turn.settings.temperature, 1);
  assert.deepEqual(ignored, ['temperature (1 is the highest; 1 is used)']);
});
