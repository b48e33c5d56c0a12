// Guarantee: JSON is taken out of an answer only where one value alone can be meant.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { extractJson, holdsJson } from './extract-json.ts';

const OBJECTS: [answer: string, json: string | undefined][] = [
  ['{"a":1}', '{"a":1}'],
  ['Here you are: {"a":1}', '{"a":1}'],
  ['{"a":1}\n\nThat is all.', '{"a":1}'],
  ['The value of {a} is in {"a":{"b":[1]}}, as [asked].', '{"a":{"b":[1]}}'],
  ['Text [1] says {"a":1}.', '{"a":1}'],
  ['```json\n{"a":1}\n```', '{"a":1}'],
  ['Sure!\n\n```json\n{\n  "a": 1\n}\n```\nHope it helps, {"not":"this"}.', '{\n  "a": 1\n}'],
  ['Run\n```sh\necho {}\n```\nfor\n```\n{"a":1}\n```', '{"a":1}'],
  ['  ```JSON5\r\n{"a":1}\r\n```', '{"a":1}'],
  ['```json\n{"a":"```\\n"}\n```', '{"a":"```\\n"}'],
  ['```json {"a":1}```', '{"a":1}'],
  ['{"a":1}{"a":2}', undefined],
  ['For example {"a":1}, so {"a":2}', undefined],
  ['```\n{"a":1}\n```\nor\n```\n{"a":2}\n```', undefined],
  ['[{"a":1}]', undefined],
  ['There is none.', undefined],
  ['{"a":1', undefined],
  ['{"a":1} and {"b":', undefined],
  ["{'a':1}", undefined],
  ['', undefined],
];
for (const [answer, json] of OBJECTS) {
  test(`${JSON.stringify(answer)} holds ${json ?? 'no single object'}`, () => {
    assert.equal(extractJson(answer, true), json);
  });
}

test('where a list may be meant, a list is found, and a fence may hold any value', () => {
  assert.equal(extractJson('Here: [1, {"a":2}]', false), '[1, {"a":2}]');
  assert.equal(extractJson('As [1] says: {"a":2}', false), undefined);
  assert.equal(extractJson('It is\n```\n"a"\n```', false), '"a"');
});

const REST: [rest: string, object: boolean, any: boolean][] = [
  ['', false, false],
  [' That is {all}.', false, false],
  ['\n```\n', false, false],
  [' See [1].', false, true],
  ['{"b":2}', true, true],
  ['and {', true, true],
];
for (const [rest, object, any] of REST) {
  test(`${JSON.stringify(rest)} holds ${object ? 'an object' : any ? 'a list' : 'no JSON'}`, () => {
    assert.deepEqual([holdsJson(rest, true), holdsJson(rest, false)], [object, any]);
  });
}

test('an answer made to be read again and again is given up', () => {
  const nested = '{"a":'.repeat(900);
  assert.equal(extractJson(`${`${nested}! `.repeat(100)}{"a":1}`, true), undefined);
  assert.equal(extractJson(`${'{ '.repeat(200_000)}{"a":1}`, true), '{"a":1}');
});
