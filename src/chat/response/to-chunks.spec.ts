// Guarantee: the chunks of an answer are what OpenAI streams: the role once and first, every piece in its order, the
// reason once and last, and each of them valid by OpenAI's own schema.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { assertMatchesSchema } from '../../../test/support/openai-schema.ts';
import { streamedChunks } from '../../../test/support/streamed-chunks.ts';
import { finish, MODEL, TURNS } from '../../../test/support/turn-events.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';
import type { CallForm } from './map-finish-reason.ts';
import { ChunkEncoder } from './to-chunks.ts';

const identity = { id: 'chatcmpl-1', created: 1_700_000_000 };

function encode(
  events: readonly TurnEvent[],
  { callForm = 'tools', includesUsage = false }: { callForm?: CallForm; includesUsage?: boolean } = {},
): ChatCompletionChunk[] {
  const encoder = new ChunkEncoder({ identity, callForm, includesUsage });
  return streamedChunks(
    encoder,
    events.map((event) => ({ choice: 0, event })),
  );
}

/** What each chunk adds; the reason instead where there is one. */
function pieces(chunks: readonly ChatCompletionChunk[]): unknown[] {
  return chunks.flatMap(({ choices }) => choices.map(({ delta, finish_reason: reason }) => reason ?? delta));
}

const ROLE = { role: 'assistant', content: '', refusal: null };
const REFUSED = { refusal: 'The model declined to answer this request.' };

const call = (index: number, name: string): object => ({
  tool_calls: [{ index, id: `toolu_${index}`, type: 'function', function: { name, arguments: '' } }],
});
const fragment = (index: number, json: string): object => ({ tool_calls: [{ index, function: { arguments: json } }] });

const GOLDEN: Record<keyof typeof TURNS, unknown[]> = {
  text: [ROLE, { content: 'one "two"\n' }, { content: 'thr\u2028ee 🦊' }, 'stop'],
  reasoning: [ROLE, { reasoning_content: 'Hm.' }, { content: 'Yes.' }, 'stop'],
  'cut off': [ROLE, { content: 'one' }, 'length'],
  'one call': [ROLE, call(0, 'weather'), fragment(0, '{"city":'), fragment(0, '"Oslo"}'), 'tool_calls'],
  'text and parallel calls': [
    ROLE,
    { content: 'Let me look.' },
    call(0, 'weather'),
    fragment(0, '{"city":"Oslo"}'),
    call(1, 'now'),
    fragment(1, '{}'),
    call(2, 'later'),
    fragment(2, '{}'),
    'tool_calls',
  ],
  refusal: [ROLE, REFUSED, 'content_filter'],
  'refusal after some text': [ROLE, { content: 'Well, ' }, REFUSED, 'content_filter'],
  nothing: [ROLE, 'stop'],
};

for (const [name, events] of Object.entries(TURNS)) {
  test(`an answer of ${name} becomes its chunks`, () => {
    const chunks = encode(events);
    assert.deepEqual(pieces(chunks), GOLDEN[name as keyof typeof TURNS]);
    for (const chunk of [...chunks, ...encode(events, { includesUsage: true })]) {
      assertMatchesSchema('CreateChatCompletionStreamResponse', chunk);
      assert.deepEqual(
        [chunk.id, chunk.object, chunk.created, chunk.model],
        ['chatcmpl-1', 'chat.completion.chunk', 1_700_000_000, MODEL],
      );
    }
  });
}

test('the start of a turn alone becomes nothing, so that a failure after it is still an HTTP error', () => {
  assert.deepEqual(encode([{ type: 'start', model: MODEL }]), []);
});

test('a delta is told at once, with the role before the first', () => {
  const encoder = new ChunkEncoder({ identity, callForm: 'tools', includesUsage: false });
  encoder.encode({ choice: 0, event: { type: 'start', model: MODEL } });
  assert.equal(encoder.encode({ choice: 0, event: { type: 'text-delta', text: 'a' } }).length, 2);
  assert.equal(encoder.encode({ choice: 0, event: { type: 'text-delta', text: 'b' } }).length, 1);
});

test('without include_usage no chunk has a usage', () => {
  assert.ok(encode(TURNS.text).every((chunk) => !('usage' in chunk)));
});

test('include_usage adds a chunk without choices that has the usage; the usage of the others is null', () => {
  const chunks = encode(TURNS.text, { includesUsage: true });
  const last = chunks.pop();
  assert.deepEqual(last?.choices, []);
  assert.equal(last.usage?.total_tokens, 26);
  assert.deepEqual(pieces(chunks), GOLDEN.text);
  assert.ok(chunks.every(({ usage }) => usage === null));
});

test('the legacy form hands out the first call as function_call, and only that one', () => {
  assert.deepEqual(pieces(encode(TURNS['text and parallel calls'], { callForm: 'functions' })), [
    ROLE,
    { content: 'Let me look.' },
    { function_call: { name: 'weather', arguments: '' } },
    { function_call: { arguments: '{"city":"Oslo"}' } },
    'function_call',
  ]);
});

test('a finish without a start still becomes whole chunks', () => {
  const chunks = encode([finish()]);
  assert.deepEqual(pieces(chunks), [ROLE, 'stop']);
  assert.ok(chunks.every(({ model }) => model === MODEL));
});

test('of several choices each has its own role, pieces and reason, and the usage is the sum of all', () => {
  const encoder = new ChunkEncoder({ identity, callForm: 'tools', includesUsage: true });
  const mixed = TURNS.text.flatMap((event) => [0, 1].map((choice) => ({ choice, event })));
  const chunks = streamedChunks(encoder, mixed);
  for (const chunk of chunks) assertMatchesSchema('CreateChatCompletionStreamResponse', chunk);
  for (const choice of [0, 1]) {
    const own = chunks.map((chunk) => ({ ...chunk, choices: chunk.choices.filter(({ index }) => index === choice) }));
    assert.deepEqual(pieces(own), GOLDEN.text);
  }
  assert.equal(chunks.at(-1)?.usage?.total_tokens, 2 * 26);
});

test('a stream that fails on the way ends with the error in the shape of OpenAI, without [DONE]', () => {
  const encoder = new ChunkEncoder({ identity, callForm: 'tools', includesUsage: true });
  assert.deepEqual(
    encoder.fail(invalidRequest('no', 'n')).map(({ data }) => JSON.parse(data) as unknown),
    [{ error: { message: 'no', type: 'invalid_request_error', param: 'n', code: null } }],
  );
});
