// Guarantee: nothing but JSON gets through, as soon as it is there, however the answer is cut into pieces.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { AnswerGate } from './answer-gate.ts';

const ANSWERS: [answer: string, passed: string, isWhole: boolean][] = [
  ['{"a":1}', '{"a":1}', true],
  ['\n  {"a": [1, 2]}\n\n', '{"a": [1, 2]}', true],
  ['```json\n{"a":1}\n```', '{"a":1}', true],
  ['```\n{"a":"```"}\n```\n', '{"a":"```"}', true],
  ['```json\r\n{"a":1}', '{"a":1}', true],
  ['{"a":1}```', '{"a":1}', false],
  ['Sure! {"a":1}', '', false],
  ['Sure!\n```json\n{"a":1}\n```', '', false],
  ['`{"a":1}`', '', false],
  ['``` json', '', false],
  ['```json\n```', '', false],
  ['{"a":1}\nHope that helps.', '{"a":1}', false],
  ['{"a":1}{"a":2}', '{"a":1}', false],
  ['```json\n{"a":1}\n```\nDone.', '{"a":1}', false],
  ['{"a":1,}', '{"a":1,', false],
  ["{'a':1}", '{', false],
  ['{"a":"unfinished', '{"a":"unfinished', false],
  ['{"a":1 // one\n}', '{"a":1 ', false],
  ['[1]', '', false],
  ['"text"', '', false],
  ['', '', false],
  [' \n', '', false],
];
for (const [answer, passed, isWhole] of ANSWERS) {
  test(`${JSON.stringify(answer)} lets ${JSON.stringify(passed)} through`, () => {
    for (const length of [1, 2, 3, 7, answer.length]) {
      const gate = new AnswerGate(true);
      let shown = '';
      for (let start = 0; start < answer.length; start += length)
        shown += gate.push(answer.slice(start, start + length));
      assert.deepEqual([shown, gate.passed, gate.isWhole], [passed, passed, isWhole]);
    }
  });
}

test('where any value may stand at the top, any value is JSON, but only lists and objects get through as they come', () => {
  for (const [answer, shown] of [['[1, "a"]', '[1, "a"]'], ['"text"', ''], ['-1.5e3', ''], ['null', ''], ['true', '']] as const) {
    const gate = new AnswerGate(false);
    assert.equal(gate.push(answer), shown);
    assert.deepEqual([gate.passed, gate.isWhole], [answer, true]);
  }
}); // prettier-ignore

test('what is JSON so far is let through at once', () => {
  const gate = new AnswerGate(true);
  assert.deepEqual(
    ['```js', 'on\n{"ci', 'ty":"Os', 'lo"}\n', '```'].map((piece) => gate.push(piece)),
    ['', '{"ci', 'ty":"Os', 'lo"}', ''],
  );
  assert.ok(gate.isWhole);
});
