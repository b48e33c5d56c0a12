// Guarantee: whatever the arguments of a call are, the model is given the call, and no number in it changes in silence.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { argumentsOf, toCallInput, toToolCall } from './call-input.ts';

const TABLE: [what: string, json: string, input: object][] = [
  ['an object is given as it is', '{"city": "Rome", "days": [1, 2.5, null]}', { city: 'Rome', days: [1, 2.5, null] }],
  ['no arguments are an empty object', '', {}],
  ['white space is an empty object', ' \n', {}],
  ['null is an empty object', 'null', {}],
  ['a text that is cut off is given as text', '{"city": "Ro', { INVALID_JSON: '{"city": "Ro' }],
  ['a Python dictionary is given as text', "{'city': 'Rome'}", { INVALID_JSON: "{'city': 'Rome'}" }],
  ['words are given as text', 'call it', { INVALID_JSON: 'call it' }],
  ['a raw line feed in a string is a line feed', '{"text": "a\nb\r\tc\u0001"}', { text: 'a\nb\r\tc\u0001' }],
  ['a list becomes the value of arguments', '[1, "a"]', { arguments: [1, 'a'] }],
  ['a text becomes the value of arguments', '"Rome"', { arguments: 'Rome' }],
  ['a number becomes the value of arguments', '5', { arguments: 5 }],
  ['arguments that were encoded twice are decoded twice', JSON.stringify('{"city":"Rome"}'), { city: 'Rome' }],
  ['NaN and Infinity become strings', '{"a":NaN,"b":[-Infinity]}', { a: 'NaN', b: ['-Infinity'] }],
  ['a large integer becomes a string', '{"id":12345678901234567890}', { id: '12345678901234567890' }],
  ['a large integer in depth becomes a string', '{"a":[{"id":-9007199254740993}]}', { a: [{ id: '-9007199254740993' }] }],
  ['a large decimal number becomes a string', '{"x":1e400,"y":0.1000000000000000055}', { x: '1e400', y: '0.1000000000000000055' }],
  ['a fraction that ends in zeros becomes a string', '{"price":1.10,"total":100.00}', { price: '1.10', total: '100.00' }],
  ['a decimal number without a fraction is the same number', '{"a":20.0,"b":1e5,"c":-0}', { a: 20, b: 100_000, c: 0 }],
  ['numbers in strings are text', '{"a":"12345678901234567890, 1.10 \\" 1.10","b":1.10}', { a: '12345678901234567890, 1.10 " 1.10', b: '1.10' }],
]; // prettier-ignore
for (const [what, json, input] of TABLE) {
  test(what, () => assert.equal(JSON.stringify(toCallInput(json)), JSON.stringify(input)));
}

test('a name of an argument that is special in JavaScript is kept', () => {
  assert.equal(JSON.stringify(toCallInput('{"__proto__":{"a":1.10}}')), '{"__proto__":{"a":"1.10"}}');
});

test('arguments that are nested too deeply, or hold too many values, are given as text', () => {
  const deep = `{"a":${'['.repeat(9_999)}${']'.repeat(9_999)}}`;
  assert.deepEqual(toCallInput(deep), { INVALID_JSON: deep });
  const wide = `[${'1.10,'.repeat(1_000_000)}1]`;
  assert.deepEqual(toCallInput(wide), { arguments: wide });
  const quoted = `{"a":"${String.raw`\"`.repeat(1_000_000)}`;
  assert.deepEqual(toCallInput(quoted), { arguments: quoted });
});

test('a long text is a value like any other', () => {
  const text = 'a line\n'.repeat(200_000);
  assert.deepEqual(toCallInput(JSON.stringify({ text, price: 1.5 })), { text, price: 1.5 });
});

test('whatever is JSON of an object is the input, and whatever is not, is some object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const json = JSON.stringify(value);
      assert.deepEqual(toCallInput(json), JSON.parse(json));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (json) => {
      const input = toCallInput(json);
      assert.ok(typeof input === 'object' && !Array.isArray(input));
      JSON.stringify(input);
    }),
  );
});

test('the arguments of a call are told as they were written', () => {
  for (const json of ['{"a":1}', '{ "a" : 1.10 }', '{"a":12345678901234567890}', '{"a":"b', '[1]']) {
    assert.equal(argumentsOf(toToolCall('id', 'f', json)), json);
  }
  assert.deepEqual(toToolCall('id', 'f', '{"a":1}'), { type: 'tool_use', id: 'id', name: 'f', input: { a: 1 } });
  assert.equal(argumentsOf(toToolCall('id', 'f', '')), '{}');
});
