// Guarantee: whatever text a model gives a custom tool, its pieces are the text, none of them cuts a character in two.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { TextArgument } from './text-argument.ts';

/** The same JSON with every character of its strings escaped. */
function escaped(text: string): string {
  return text.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''); // prettier-ignore
}

function inPieces(json: string, length: number): { pieces: string[]; whole: string } {
  const argument = new TextArgument();
  const pieces: string[] = [];
  for (let at = 0; at < json.length; at += length) pieces.push(argument.push(json.slice(at, at + length)));
  return { pieces, whole: argument.end() };
}

test('the pieces of a text are the text, however the JSON is cut and escaped', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      (text, length, isEscaped) => {
        const json = isEscaped ? `{"input":"${escaped(text)}"}` : JSON.stringify({ input: text });
        const { pieces, whole } = inPieces(json, length);
        assert.equal(whole, text);
        assert.equal(pieces.join(''), text);
        if (isEscaped) for (const piece of pieces) assert.ok(piece.isWellFormed(), JSON.stringify(piece));
      },
    ),
    { numRuns: 2000 },
  );
});

for (const [json, whole] of [
  [' { "input" : "a" } ', 'a'],
  ['{"input":"a","more":1}', 'a'],
  ['{"text":"a"}', '{"text":"a"}'],
  ['{"input":{"a":1}}', '{"input":{"a":1}}'],
  ['"a"', 'a'],
  ['{"input":"cut of', 'cut of'],
  ['{"input":"cut \\', 'cut '],
  ['{"inp', '{"inp'],
  ['{"input":"\\ud83e"}', '\ud83e'],
] as const) {
  test(`${json} is the text ${JSON.stringify(whole)}`, () => {
    const { pieces, whole: given } = inPieces(json, 3);
    assert.equal(given, whole);
    assert.ok(whole.startsWith(pieces.join('')));
  });
}
