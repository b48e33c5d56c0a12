// Guarantee: a record says what the answer said, in few pieces; only an answer that ended by itself may be given again.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { finish, TURNS } from '../../test/support/turn-events.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { TurnEvent } from '../claude-cli/turn/turn.ts';
import { AnswerRecorder } from './answer-recorder.ts';

const of = (events: readonly TurnEvent[], choice = 0): AnswerEvent[] => events.map((event) => ({ choice, event }));
function record(events: readonly AnswerEvent[], maxCharacters = 1_000_000): AnswerRecorder {
  const recorder = new AnswerRecorder(maxCharacters);
  for (const event of events) recorder.accept(event);
  return recorder;
}
const text = (piece: string): TurnEvent => ({ type: 'text-delta', text: piece });
const textOf = (events: readonly AnswerEvent[], choice: number): string =>
  events.map(({ choice: of, event }) => (of === choice && event.type === 'text-delta' ? event.text : '')).join('');

const REPEATABLE: Record<keyof typeof TURNS, boolean> = {
  'text': true,
  'reasoning': true,
  'cut off': false,
  'one call': true,
  'text and parallel calls': true,
  'refusal': false,
  'refusal after some text': false,
  'nothing': true,
}; // prettier-ignore
for (const [name, isRepeatable] of Object.entries(REPEATABLE)) {
  test(`${name} ${isRepeatable ? 'may' : 'must not'} be given again`, () => {
    const events = of(TURNS[name as keyof typeof TURNS]);
    const recorder = record(events);
    assert.equal(recorder.isRepeatable, isRepeatable);
    assert.deepEqual(recorder.events, events);
    assert.equal(record(events.slice(0, -1)).isRepeatable, false);
  });
}

test('of several choices each must have come to its natural end', () => {
  const both = [...of(TURNS.text), ...of(TURNS.reasoning, 1)];
  assert.equal(record(both).isRepeatable, true);
  assert.equal(record(both.slice(0, -1)).isRepeatable, false);
  assert.equal(record([...of(TURNS.text), ...of(TURNS['cut off'], 1)]).isRepeatable, false);
  assert.equal(record([]).isRepeatable, false);
});

test('a short answer keeps its pieces, a long one is joined, and says the same', () => {
  const pieces = Array.from({ length: 5000 }, (_value, index) => `piece ${index} `);
  const events = [
    ...of([{ type: 'start', model: 'm' }, ...pieces.slice(0, 2500).map(text)]),
    ...of([{ type: 'start', model: 'm' }], 1),
    ...pieces.slice(2500).flatMap((piece, index) => of([text(piece)], index % 2)),
    ...of([finish()]),
    ...of([finish()], 1),
  ];
  const { events: recorded } = record(events);
  assert.ok(recorded.length < 2700, `${recorded.length} events`);
  assert.deepEqual(recorded.slice(0, 7), events.slice(0, 7));
  for (const choice of [0, 1]) assert.equal(textOf(recorded, choice), textOf(events, choice));
  for (const { event } of recorded) assert.ok(event.type !== 'text-delta' || event.text.length <= 1024);
});

test('pieces of different kinds and of different calls are never joined', () => {
  const filling = of(Array.from({ length: 70 }, () => text('x')));
  const rest: TurnEvent[] = [
    { type: 'reasoning-delta', text: 'a' },
    text('b'),
    { type: 'tool-call-start', index: 0, id: 'i', name: 'n' },
    { type: 'tool-call-delta', index: 0, json: '{' },
    { type: 'tool-call-delta', index: 0, json: '}' },
    { type: 'tool-call-start', index: 1, id: 'j', name: 'n' },
    { type: 'tool-call-delta', index: 1, json: '{}' },
    finish('tool-calls'),
  ];
  const { events } = record([...filling, ...of(rest)]);
  const joined = rest.filter((_event, index) => index !== 4);
  joined[3] = { type: 'tool-call-delta', index: 0, json: '{}' };
  assert.deepEqual(
    events.slice(-joined.length).map(({ event }) => event),
    joined,
  );
});

test('beyond its bound the record is given up, and what comes after changes nothing', () => {
  const recorder = record(of([text('x'.repeat(1000)), text('y'), finish()]), 900);
  assert.deepEqual([recorder.isPresentable, recorder.isRepeatable, recorder.events], [false, false, []]);
});
