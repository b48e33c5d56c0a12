// Guarantee: a text is shown up to the first stop sequence, however it is cut into pieces, and nothing else of it is lost.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { isBlankStop, StopText } from './stop-text.ts';

/** What is shown of a text, and the sequence that ended it. */
function read(pieces: readonly string[], sequences: readonly string[]): [string, string | undefined] {
  const stop = new StopText(sequences);
  const shown = pieces.map((piece) => stop.push(piece)).join('');
  return [shown + stop.flush(), stop.sequence];
}

const CASES: [pieces: string[], sequences: string[], shown: string, sequence?: string][] = [
  [['one\ntwo'], ['\n'], 'one', '\n'],
  [['one\n', '\ntwo'], ['\n\n'], 'one', '\n\n'],
  [['one\n', 'two\n'], ['\n\n'], 'one\ntwo\n'],
  [['one\n\n\ntwo'], ['\n\n\n', '\n\n'], 'one', '\n\n'],
  [['a \n', '\nb'], ['\n\n', ' \n\n'], 'a', ' \n\n'],
  [['a\r', '\nb'], ['\r\n'], 'a', '\r\n'],
  [['\n'], ['\n'], '', '\n'],
  [['a b', ' c'], ['  '], 'a b c'],
  [['a', ' ', ' ', ' '], ['  '], 'a', '  '],
  [['any\n', 'text'], [], 'any\ntext'],
];
for (const [pieces, sequences, shown, sequence] of CASES) {
  test(`${JSON.stringify(pieces)} with the stops ${JSON.stringify(sequences)} shows ${JSON.stringify(shown)}`, () => {
    assert.deepEqual(read(pieces, sequences), [shown, sequence]);
  });
}

test('pieces of any length show the same as the whole text', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n'), maxLength: 30 });
  const sequences = fc.array(fc.string({ unit: fc.constantFrom(' ', '\n'), minLength: 1, maxLength: 4 }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, sequences, fc.array(fc.nat(30)), (whole, stops, cuts) => {
      const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].toSorted((a, b) => a - b);
      const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
      assert.deepEqual(read(pieces, stops), read([whole], stops));
      assert.ok(stops.every((stop) => !read([whole], stops)[0].includes(stop)));
    }),
  );
});

test('a text is held back only while it may be the beginning of a sequence', () => {
  const stop = new StopText(['\n\n']);
  assert.deepEqual(['a\n', 'b', '\n', ' '].map((piece) => stop.push(piece)), ['a', '\nb', '', '\n ']); // prettier-ignore
});

test('white space of every kind makes a blank sequence', () => {
  for (const blank of [' ', '\n\n', '\r\n\t', '\u00A0', '\u2028', '\u0085', '\u001C', '\uFEFF']) assert.ok(isBlankStop(blank));
  for (const other of ['a', ' a', '\n.', '\u200B', '\u0000']) assert.ok(!isBlankStop(other));
}); // prettier-ignore
