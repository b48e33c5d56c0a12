// Guarantee: a whole answer is what OpenAI answers, valid by its own schema, and says the same as the stream of chunks.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { assertMatchesSchema } from '../../../test/support/openai-schema.ts';
import { streamedChunks } from '../../../test/support/streamed-chunks.ts';
import { finish, MODEL, TURNS } from '../../../test/support/turn-events.ts';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';
import type { CallForm } from './map-finish-reason.ts';
import { ChunkEncoder } from './to-chunks.ts';
import { CompletionCollector } from './to-completion.ts';

const identity = { id: 'chatcmpl-1', created: 1_700_000_000 };

function collect(events: readonly TurnEvent[], callForm: CallForm = 'tools'): ChatCompletion {
  const collector = new CompletionCollector(identity, callForm);
  for (const event of events) collector.accept({ choice: 0, event });
  return collector.body;
}

const call = (index: number, name: string, json: string): object => ({
  id: `toolu_${index}`,
  type: 'function',
  function: { name, arguments: json },
});
const message = (content: string | null, more: object = {}): object => ({
  role: 'assistant',
  content,
  refusal: null,
  annotations: [],
  ...more,
});
const refusal = 'The model declined to answer this request.';

const GOLDEN: Record<keyof typeof TURNS, [message: object, reason: string]> = {
  text: [message('one "two"\nthr\u2028ee 🦊'), 'stop'],
  reasoning: [message('Yes.', { reasoning_content: 'Hm.' }), 'stop'],
  'cut off': [message('one'), 'length'],
  'one call': [message(null, { tool_calls: [call(0, 'weather', '{"city":"Oslo"}')] }), 'tool_calls'],
  'text and parallel calls': [
    message('Let me look.', {
      tool_calls: [call(0, 'weather', '{"city":"Oslo"}'), call(1, 'now', '{}'), call(2, 'later', '{}')],
    }),
    'tool_calls',
  ],
  refusal: [message(null, { refusal }), 'content_filter'],
  'refusal after some text': [message('Well, ', { refusal }), 'content_filter'],
  nothing: [message(''), 'stop'],
};

for (const [name, events] of Object.entries(TURNS)) {
  test(`an answer of ${name} becomes one completion`, () => {
    const completion = collect(events);
    const [expected, reason] = GOLDEN[name as keyof typeof TURNS];
    assertMatchesSchema('CreateChatCompletionResponse', completion);
    assert.deepEqual(completion, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: MODEL,
      choices: [{ index: 0, message: expected, logprobs: null, finish_reason: reason }],
      usage: completion.usage,
    });
  });

  for (const callForm of ['tools', 'functions'] as const) {
    test(`an answer of ${name} in the form of ${callForm} says the same whole and streamed`, () => {
      const encoder = new ChunkEncoder({ identity, callForm, includesUsage: true });
      const chunks = streamedChunks(
        encoder,
        events.map((event) => ({ choice: 0, event })),
      );
      const { choices, usage } = collect(events, callForm);
      assert.deepEqual(joinChunks(chunks), {
        content: choices[0]?.message.content ?? '',
        refusal: choices[0]?.message.refusal,
        tool_calls: choices[0]?.message.tool_calls ?? [],
        function_call: choices[0]?.message.function_call,
        finish_reason: choices[0]?.finish_reason,
        usage,
      });
    });
  }
}

/** What a client makes of a stream. */
function joinChunks(chunks: readonly ChatCompletionChunk[]): object {
  let content = '';
  let refused: string | null = null;
  let functionCall: { name: string; arguments: string } | undefined;
  const calls: { id: string | undefined; type: string; function: { name: string; arguments: string } }[] = [];
  for (const { delta } of chunks.flatMap(({ choices }) => choices)) {
    content += delta.content ?? '';
    refused = delta.refusal ?? refused;
    for (const { index, id, function: part } of delta.tool_calls ?? []) {
      const entry = (calls[index] ??= { id, type: 'function', function: { name: part?.name ?? '', arguments: '' } });
      entry.function.arguments += part?.arguments ?? '';
    }
    if (delta.function_call) {
      functionCall ??= { name: delta.function_call.name ?? '', arguments: '' };
      functionCall.arguments += delta.function_call.arguments ?? '';
    }
  }
  return {
    content,
    refusal: refused,
    tool_calls: calls,
    function_call: functionCall,
    finish_reason: chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason,
    usage: chunks.at(-1)?.usage,
  };
}

test('the usage says what the answer cost, whole and streamed, where it is known', () => {
  const events = [...TURNS.text.slice(0, -1), finish('stop', { costUsd: 0.25 })];
  const encoder = new ChunkEncoder({ identity, callForm: 'tools', includesUsage: true });
  const streamed = streamedChunks(
    encoder,
    events.map((event) => ({ choice: 0, event })),
  ).at(-1);
  assert.deepEqual(collect(events).usage, streamed?.usage);
  assert.equal((streamed?.usage as { cost_usd?: number } | undefined)?.cost_usd, 0.25);
  assert.ok(!('cost_usd' in (collect(TURNS.text).usage ?? {})));
});

test('several choices stand in the order of their numbers, however they came, and their usage is summed', () => {
  const collector = new CompletionCollector(identity, 'tools');
  for (const choice of [2, 0, 1]) for (const event of TURNS['one call']) collector.accept({ choice, event });
  const completion = collector.body;
  assertMatchesSchema('CreateChatCompletionResponse', completion);
  assert.deepEqual(
    completion.choices.map(({ index }) => index),
    [0, 1, 2],
  );
  assert.equal(completion.usage?.total_tokens, 3 * 26);
});
