// Guarantee: JSON is let through up to its bounds and not beyond, wherever its parts begin and whatever stands in its strings.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonBoundsError, JsonScan } from './json-scan.ts';

/** How many values a scan in steps of so many bytes sees. */
function scan(json: string, step = Number.POSITIVE_INFINITY): number {
  const scan = new JsonScan(Buffer.from(json));
  while (scan.advance(step) === 'more');
  return scan.values;
}

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const keys = (count: number): string => `{${Array.from({ length: count }, (_, index) => `"${index}":1`).join(',')}}`;

for (const [what, within, beyond] of [
  ['levels of lists', nested(256), nested(257)],
  ['levels of objects', `${'{"a":'.repeat(256)}1${'}'.repeat(256)}`, `${'{"a":'.repeat(257)}1${'}'.repeat(257)}`],
  ['values of a list', `[${'1,'.repeat(99_997)}1]`, `[${'1,'.repeat(99_999)}1]`],
  ['keys of an object', keys(99_999), keys(100_000)],
  ['empty lists', `[${'[],'.repeat(49_998)}1]`, `[${'[],'.repeat(50_000)}1]`],
  ['digits of a number', `[${'1'.repeat(1000)}]`, `[${'1'.repeat(1001)}]`],
  ['digits behind the point', `[0.${'0'.repeat(998)}]`, `[0.${'0'.repeat(1001)}]`],
  ['levels that are never closed', '['.repeat(256), '['.repeat(257)],
] as const) {
  for (const step of [1, 7, 1000, Number.POSITIVE_INFINITY]) {
    test(`${what} have a bound, in steps of ${step} bytes`, () => {
      scan(within, step);
      assert.throws(() => scan(beyond, step), JsonBoundsError);
    });
  }
}

test('what stands in a string counts for nothing', () => {
  for (const inside of ['[{'.repeat(200_000), ','.repeat(200_000), '\\"['.repeat(100_000), '1'.repeat(5000), '\\\\'])
    for (const step of [1, 64, Number.POSITIVE_INFINITY])
      assert.equal(scan(`{"a":"${inside}","b":1}`, step), 3, inside.slice(0, 10));
});

test('a string that never ends is left to the parser', () => {
  for (const json of ['"', '"\\', '"\\"', `"${'x'.repeat(100)}`, `"${'x'.repeat(100)}\\"`, `["a${'\\"'.repeat(100)}`])
    for (const step of [1, 3, Number.POSITIVE_INFINITY]) scan(json, step);
});

/** Strings with what could be taken for their end, short and long. */
const text = fc.array(fc.constantFrom('"', '\\', '[', '{', ',', 'x', 'ü', '\n', 'y'.repeat(40)), { maxLength: 30 }).map((parts) => parts.join('')); // prettier-ignore
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5 }),
  ),
})).value;

/** One for the whole, one for each list and object, one for each comma: never less than there are leaves. */
function expected(given: unknown): number {
  if (typeof given !== 'object' || given === null) return 0;
  const children = Object.values(given);
  const inside: number = children.reduce((sum: number, child) => sum + expected(child), 0);
  return 1 + Math.max(0, children.length - 1) + inside;
}

test('the values of any JSON are counted, in steps of any size', () => {
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 50 }), fc.constantFrom(undefined, 2), (given, step, indent) => {
      const json = JSON.stringify(given, undefined, indent);
      assert.equal(scan(json, step), 1 + expected(given));
      assert.equal(scan(json), 1 + expected(given));
    }),
    { numRuns: 3000 },
  );
});
