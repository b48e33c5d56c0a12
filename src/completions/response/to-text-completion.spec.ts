// Guarantee: a text completion is what OpenAI answers, valid by its own schema, and its stream says the same piece by piece.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Completion } from 'openai/resources/completions';
import { assertMatchesSchema } from '../../../test/support/openai-schema.ts';
import { streamedChunks } from '../../../test/support/streamed-chunks.ts';
import { finish, MODEL, TURNS } from '../../../test/support/turn-events.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import { newCompletionIdentity } from './completion-identity.ts';
import { TextChunkEncoder } from './to-text-chunks.ts';
import { TextCompletionCollector } from './to-text-completion.ts';

const identity = { id: 'cmpl-1', created: 1_700_000_000 };

function collect(events: readonly AnswerEvent[], echo = ''): Completion {
  const collector = new TextCompletionCollector(identity, echo);
  for (const event of events) collector.accept(event);
  return collector.body;
}

function stream(events: readonly AnswerEvent[], { echo = '', includesUsage = false } = {}): Completion[] {
  return streamedChunks<Completion>(new TextChunkEncoder({ identity, echo, includesUsage }), events);
}

/** What each choice says and how it ends, put together from the chunks of a stream. */
function joined(chunks: readonly Completion[]): [text: string, reason: string | undefined][] {
  const choices: [string, string | undefined][] = [];
  for (const { text, index, finish_reason: reason } of chunks.flatMap(({ choices: parts }) => parts)) {
    const choice = (choices[index] ??= ['', undefined]);
    assert.equal(choice[1], undefined, 'nothing comes after the reason');
    choice[0] += text;
    choice[1] = reason ?? undefined;
  }
  return choices;
}

const GOLDEN: Record<keyof typeof TURNS, [text: string, reason: string]> = {
  text: ['one "two"\nthr\u2028ee 🦊', 'stop'],
  reasoning: ['Yes.', 'stop'],
  'cut off': ['one', 'length'],
  'one call': ['', 'stop'],
  'text and parallel calls': ['Let me look.', 'stop'],
  refusal: ['', 'content_filter'],
  'refusal after some text': ['Well, ', 'content_filter'],
  nothing: ['', 'stop'],
};

for (const [name, turn] of Object.entries(TURNS)) {
  const events = turn.map((event) => ({ choice: 0, event }));
  const [text, reason] = GOLDEN[name as keyof typeof TURNS];

  test(`an answer of ${name} becomes one text completion`, () => {
    const completion = collect(events);
    assertMatchesSchema('CreateCompletionResponse', completion);
    assert.deepEqual(completion, {
      ...identity,
      object: 'text_completion',
      model: MODEL,
      choices: [{ text, index: 0, logprobs: null, finish_reason: reason }],
      usage: completion.usage,
    });
    assert.deepEqual(
      [completion.usage?.prompt_tokens, completion.usage?.completion_tokens, completion.usage?.total_tokens],
      [19, 7, 26],
    );
  });

  test(`an answer of ${name} says the same whole and streamed, with and without the prompt before it`, () => {
    for (const echo of ['', 'def f():\n']) {
      const whole = collect(events, echo).choices.map(({ text: told, finish_reason: end }) => [told, end]);
      assert.deepEqual(whole, [[echo + text, reason]]);
      assert.deepEqual(joined(stream(events, { echo })), whole);
    }
  });
}

test('the chunks of a stream are text completions whose reason comes last', () => {
  const events = TURNS.text.map((event) => ({ choice: 0, event }));
  const chunks = stream(events);
  assert.deepEqual(
    chunks.map(({ choices }) => choices.map(({ text, finish_reason: reason }) => reason ?? text)),
    [['one "two"\n'], ['thr\u2028ee 🦊'], ['stop']],
  );
  for (const chunk of chunks) {
    assert.ok(!('usage' in chunk));
    // The published schema of a chunk is that of a whole completion, which has its reason.
    const choices = chunk.choices.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? 'stop' }));
    assertMatchesSchema('CreateCompletionResponse', { ...chunk, choices });
    assert.deepEqual([chunk.id, chunk.created, chunk.model], ['cmpl-1', 1_700_000_000, MODEL]);
  }
});

test('the start of a turn alone becomes nothing, even before an echo, so that a failure after it is an HTTP error', () => {
  const encoder = new TextChunkEncoder({ identity, echo: 'x', includesUsage: false });
  assert.deepEqual(encoder.encode({ choice: 0, event: { type: 'start', model: MODEL } }), []);
});

test('include_usage adds a chunk without choices that has the usage of all choices; that of the others is null', () => {
  const events = [0, 1].flatMap((choice) => TURNS.text.map((event) => ({ choice, event })));
  const chunks = stream(events, { includesUsage: true });
  const last = chunks.pop();
  assert.deepEqual(last?.choices, []);
  assert.deepEqual(last?.usage, collect(events).usage);
  assert.deepEqual([last?.usage?.prompt_tokens, last?.usage?.completion_tokens], [38, 14]);
  assert.ok(chunks.every(({ usage }) => usage === null));
});

test('choices that come in turn keep their texts, their echo and their reasons apart', () => {
  const events: AnswerEvent[] = [
    { choice: 1, event: { type: 'start', model: MODEL } },
    { choice: 1, event: { type: 'text-delta', text: 'b1' } },
    { choice: 0, event: { type: 'text-delta', text: 'a1' } },
    { choice: 1, event: finish('length') },
    { choice: 0, event: { type: 'text-delta', text: 'a2' } },
    { choice: 0, event: finish() },
  ];
  const expected = [
    ['>a1a2', 'stop'],
    ['>b1', 'length'],
  ];
  assert.deepEqual(joined(stream(events, { echo: '>' })), expected);
  const whole = collect(events, '>').choices;
  assert.deepEqual(whole.map(({ text, finish_reason: reason }) => [text, reason]), expected); // prettier-ignore
  assert.deepEqual(whole.map(({ index }) => index), [0, 1]); // prettier-ignore
});

test('a failure in mid-stream is an error in OpenAI’s form', () => {
  const encoder = new TextChunkEncoder({ identity, echo: '', includesUsage: false });
  const [event, ...more] = encoder.fail(new GatewayError(502, 'it broke', { code: 'cli_failed' }));
  assertMatchesSchema('ErrorResponse', JSON.parse(event?.data ?? ''));
  assert.deepEqual(more, []);
});

test('an id is cmpl- and 29 letters and digits, another one each time', () => {
  const ids = Array.from({ length: 100 }, () => newCompletionIdentity().id);
  for (const id of ids) assert.match(id, /^cmpl-[A-Za-z0-9]{29}$/);
  assert.equal(new Set(ids).size, 100);
});
