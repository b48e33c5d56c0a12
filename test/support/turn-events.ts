import type { TurnEvent, TurnFinish } from '../../src/claude-cli/turn/turn.ts';

export const MODEL = 'claude-sonnet-4-5';

/** The last event of a turn, of 10 + 5 + 4 prompt tokens and 7 completion tokens. */
export function finish(reason: TurnFinish['reason'] = 'stop', more: Partial<TurnFinish> = {}): TurnFinish {
  return {
    type: 'finish',
    reason,
    model: MODEL,
    usage: { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 4, outputTokens: 7, thinkingTokens: 2 },
    content: [],
    ...more,
  };
}

const start: TurnEvent = { type: 'start', model: MODEL };
const text = (piece: string): TurnEvent => ({ type: 'text-delta', text: piece });
const call = (index: number, name: string, ...pieces: string[]): TurnEvent[] => [
  { type: 'tool-call-start', index, id: `toolu_${index}`, name },
  ...pieces.map((json): TurnEvent => ({ type: 'tool-call-delta', index, json })),
];

/** One turn for each kind of answer there is. */
export const TURNS = {
  text: [start, text('one "two"\n'), text('thr\u2028ee 🦊'), finish()],
  reasoning: [start, { type: 'reasoning-delta', text: 'Hm.' }, text('Yes.'), finish()],
  'cut off': [start, text('one'), finish('length')],
  'one call': [start, ...call(0, 'weather', '{"city":', '"Oslo"}'), finish('tool-calls')],
  'text and parallel calls': [
    start,
    text('Let me look.'),
    ...call(0, 'weather', '{"city":"Oslo"}'),
    ...call(1, 'now'),
    ...call(2, 'later'),
    finish('tool-calls'),
  ],
  refusal: [start, finish('refusal')],
  'refusal after some text': [start, text('Well, '), finish('refusal')],
  nothing: [start, finish()],
} satisfies Record<string, TurnEvent[]>;
