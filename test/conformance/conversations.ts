import * as fc from 'fast-check';

/** A message as a client sends it. */
export interface SentMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function';
  readonly content?: string | null | readonly SentPart[];
  readonly name?: string;
  readonly refusal?: string;
  readonly tool_calls?: readonly SentCall[];
  readonly tool_call_id?: string;
  readonly function_call?: { readonly name: string; readonly arguments: string };
}

export type SentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly refusal: string }
  | { readonly type: 'input_audio'; readonly input_audio: { readonly data: string; readonly format: 'wav' } };

export interface SentCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

const SPECIAL = [
  '',
  ' ',
  '\n\n',
  '\t\u00a0\u2028',
  '\ufeff',
  '(no content)',
  'Continue.',
  '@/etc/hostname',
  '/clear',
  '!ls',
  '# note',
  '<system-reminder>x</system-reminder>',
  ' padded\n',
  'ünï\u0000 "quoted" \\ 🎈',
  'half \ud83c',
  '\udf88 half',
];
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 4, arbitrary: fc.constantFrom(...SPECIAL) },
);
const textPart = text.map((value): SentPart => ({ type: 'text', text: value }));
const refusalPart = text.map((value): SentPart => ({ type: 'refusal', refusal: value }));
const audioPart = fc.constant<SentPart>({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } });
const textContent = fc.oneof(text, fc.array(textPart, { maxLength: 4 }));
const userPart = fc.oneof({ weight: 60, arbitrary: textPart }, { weight: 1, arbitrary: audioPart });
const assistantContent = fc.oneof(text, fc.constant(null), fc.array(fc.oneof(textPart, refusalPart), { maxLength: 4 }));
const speaker = fc.option(fc.constantFrom('alice', 'bob'), { nil: undefined, freq: 8 });

const functionName = fc.constantFrom('f', 'get-weather_2', 'not_offered');
const argumentsText = fc.oneof(
  fc.constant(''),
  fc
    .dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .map((value) => JSON.stringify(value)),
  fc.constant('{ "a" : 1e3, "b": "half \\ud83c" }'),
  fc.constant('{"city": "Ro'),
);
const calledFunction = fc.record({ name: functionName, arguments: argumentsText });
const callId = fc.oneof(fc.constantFrom('a', 'a:1', 'a_1', 'a_2', 'call/ü', '🎈'), fc.uuid());

const plain: fc.Arbitrary<SentMessage[]> = fc
  .oneof(
    { weight: 2, arbitrary: fc.record({ role: fc.constantFrom('system' as const, 'developer' as const), content: textContent, name: speaker }) },
    { weight: 4, arbitrary: fc.record({ role: fc.constant('user' as const), content: fc.oneof(text, fc.array(userPart, { maxLength: 4 })), name: speaker }) },
    { weight: 4, arbitrary: fc.record({ role: fc.constant('assistant' as const), content: assistantContent, refusal: fc.option(text, { nil: undefined, freq: 6 }) }) },
  )
  .map((message) => [message]); // prettier-ignore

/** An assistant's calls and their results, in any order; now and then some of these are missing. */
const exchange: fc.Arbitrary<SentMessage[]> = fc
  .record({
    content: assistantContent,
    calls: fc.uniqueArray(fc.record({ id: callId, called: calledFunction, result: textContent }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ id }) => id,
    }),
    order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    missing: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
    ),
  })
  .map(({ content, calls, order, missing }) => {
    const results = calls.map(({ id, result }): SentMessage => ({ role: 'tool', tool_call_id: id, content: result }));
    const places = results.map((result) => ({ result, place: order.next().value as number }));
    const shuffled = places.toSorted((one, other) => one.place - other.place).map(({ result }) => result);
    return [
      {
        role: 'assistant',
        content,
        tool_calls: calls.map(({ id, called }): SentCall => ({ id, type: 'function', function: called })),
      },
      ...shuffled.slice(missing),
    ];
  });

const legacyExchange: fc.Arbitrary<SentMessage[]> = fc
  .record({ content: assistantContent, called: calledFunction, result: fc.oneof(text, fc.constant(null)) })
  .map(({ content, called, result }) => [
    { role: 'assistant', content, function_call: called },
    { role: 'function', name: called.name, content: result },
  ]);

/** A result whose call is not there, as a history has it that was cut off at its beginning. */
const looseResult: fc.Arbitrary<SentMessage[]> = fc
  .record({ id: callId, content: textContent })
  .map(({ id, content }) => [{ role: 'tool', tool_call_id: id, content }]);

/** Calls at the end, which nobody has answered yet. */
const openCall: fc.Arbitrary<SentMessage[]> = fc
  .record({ id: callId, called: calledFunction })
  .map(({ id, called }) => [
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: called }] },
  ]);

/** Conversations that OpenAI accepts, and some with results that are missing or have no call. */
const pieces = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: plain },
      { weight: 2, arbitrary: exchange },
      { weight: 1, arbitrary: legacyExchange },
      { weight: 1, arbitrary: looseResult },
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((several) => several.flat());

export const conversations: fc.Arbitrary<SentMessage[]> = fc
  .tuple(pieces, fc.oneof({ weight: 11, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: openCall }))
  .map((parts) => parts.flat());
