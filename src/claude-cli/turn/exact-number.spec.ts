// Guarantee: a number that another reader of the JSON would get otherwise is recognised.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { keepsDigits, keepsValue } from './exact-number.ts';

const TABLE: [source: string, value: boolean, digits: boolean][] = [
  ['0', true, true],
  ['-7', true, true],
  ['0.5', true, true],
  ['20.0', true, true],
  ['-0.0', true, true],
  ['1e5', true, true],
  ['1.0E-5', true, true],
  ['9007199254740991', true, true],
  ['9007199254740993', false, false],
  ['12345678901234567890', false, false],
  ['9223372036854775807', false, false],
  ['100000000000000000000', true, true],
  ['0.1', true, true],
  ['0.1000000000000000055', false, false],
  ['0.10000000000000001', false, false],
  ['1e400', false, false],
  ['-1e400', false, false],
  ['1e-400', false, false],
  ['5e-324', true, true],
  ['1.10', true, false],
  ['100.00', true, false],
  ['1.50e3', true, false],
  ['0.00', true, false],
  ['NaN', false, false],
];
for (const [source, value, digits] of TABLE) {
  test(`${source} ${value ? 'keeps' : 'does not keep'} its value and ${digits ? 'keeps' : 'does not keep'} its digits`, () => {
    assert.deepEqual([keepsValue(source), keepsDigits(source)], [value, digits]);
  });
}

test('whatever JSON.stringify writes keeps its value and its digits', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger()), (number) => {
      const source = JSON.stringify(number);
      assert.ok(keepsValue(source) && keepsDigits(source), source);
    }),
  );
});

test('a number of a million digits is decided at once, and not kept', () => {
  assert.equal(keepsValue(`1${'0'.repeat(1_000_000)}1`), false);
});
