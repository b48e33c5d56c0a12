// Guarantee: however the bytes are cut, the lines are the same, and none grows beyond its bound.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { LineFramer, LineTooLongError } from './line-framer.ts';

test('lines come whole however the chunks are cut, also inside a character', () => {
  const bytes = Buffer.from('{"a":"ü🎈"}\n\n{"b":2}\n{"c"');
  for (let size = 1; size <= bytes.length; size += 1) {
    const framer = new LineFramer(100);
    const lines: string[] = [];
    for (let start = 0; start < bytes.length; start += size)
      lines.push(...framer.push(bytes.subarray(start, start + size)));
    assert.deepEqual(lines, ['{"a":"ü🎈"}', '{"b":2}']);
  }
});

test('a line beyond the bound is refused, finished or not', () => {
  assert.throws(() => new LineFramer(4).push(Buffer.from('12345')), LineTooLongError);
  assert.throws(() => new LineFramer(4).push(Buffer.from('12345\n')), LineTooLongError);
  const framer = new LineFramer(4);
  framer.push(Buffer.from('123'));
  assert.throws(() => framer.push(Buffer.from('45\n')), LineTooLongError);
});
