// Guarantee: a value that is too large is known for it, and no more of it is looked at than may be.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { isSmallJson } from './is-small-json.ts';

test('values are counted wherever they are, and so are the names of fields', () => {
  const value = { a: [1, 'x', null], b: { c: true } };
  assert.equal(isSmallJson(value, { values: 10 }), true);
  assert.equal(isSmallJson(value, { values: 9 }), false);
});

test('characters of texts and names are counted', () => {
  assert.equal(isSmallJson({ name: ['text', 'x'] }, { characters: 9 }), true);
  assert.equal(isSmallJson({ name: ['text', 'x'] }, { characters: 8 }), false);
});

test('a list or an object that is too large is not looked into', () => {
  let looks = 0;
  const element = { get field() { return (looks += 1); } }; // prettier-ignore
  assert.equal(isSmallJson(Array.from({ length: 1000 }, () => element), { values: 999 }), false); // prettier-ignore
  assert.equal(isSmallJson(Object.fromEntries(Array.from({ length: 1000 }, (_, key) => [key, element])), { values: 999 }), false); // prettier-ignore
  assert.equal(looks, 0);
});

test('what is nested deeply is counted like anything else', () => {
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
  assert.equal(isSmallJson(deep, { values: 20_000 }), true);
  assert.equal(isSmallJson(deep, { values: 1000 }), false);
});
