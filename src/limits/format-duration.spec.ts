// Guarantee: durations read as in OpenAI's headers, and never as less than they are.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { formatDuration } from './format-duration.ts';

const WRITTEN: [milliseconds: number, text: string][] = [
  [-5, '0s'],
  [0, '0s'],
  [0.2, '1ms'],
  [999, '999ms'],
  [999.5, '1s'],
  [8640, '8.64s'],
  [59_999, '59.999s'],
  [60_000, '1m0s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
  [86_399_999, '23h59m59.999s'],
];
for (const [milliseconds, text] of WRITTEN) {
  test(`${milliseconds} ms are ${text}`, () => assert.equal(formatDuration(milliseconds), text));
}
