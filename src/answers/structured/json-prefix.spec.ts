// Guarantee: what is let through as JSON is exactly what JSON.parse takes, or the beginning of it.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { JsonPrefix } from './json-prefix.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const json = fc.tuple(fc.jsonValue({ maxDepth: 5 }), fc.nat({ max: 3 })).map(([value, space]) => JSON.stringify(value, null, space)); // prettier-ignore

test('every JSON text is read whole, however it is cut', () => {
  fc.assert(
    fc.property(json, fc.array(fc.nat()), (text, cuts) => {
      const prefix = new JsonPrefix();
      const places = [...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted(
        (left, right) => left - right,
      );
      let from = 0;
      for (const to of places) {
        assert.equal(prefix.accept(text.slice(from, to)), to - from);
        from = to;
      }
      assert.ok(prefix.isComplete);
    }),
  );
});

test('a text is whole for it exactly when it is for JSON.parse', () => {
  const alphabet = fc.constantFrom(...'{}[]:,"\\u0019-+.eE \ntrufalsn\u0001é'.split(''));
  const mutated = fc.tuple(json, fc.nat(), fc.string({ unit: alphabet, maxLength: 3 }), fc.nat({ max: 2 })).map(
    ([text, at, piece, removed]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + piece + text.slice(place + removed);
    },
  ); // prettier-ignore
  const texts = fc.oneof(json, mutated, fc.string({ unit: alphabet, maxLength: 12 }));
  fc.assert(
    fc.property(texts, (text) => {
      const prefix = new JsonPrefix();
      const length = prefix.accept(text);
      const isWhole = prefix.isComplete && text.slice(length).trimEnd() === '';
      assert.equal(isWhole, isJson(text), JSON.stringify(text));
    }),
    { numRuns: 3000 },
  );
});

test('it reads no further than the first character that does not belong to the value', () => {
  for (const [text, length] of Object.entries({
    '{"a":1} and so on': 7,
    '[1,]': 3,
    'null,': 4,
    '12 ': 2,
    '01': 1,
    '{"a" 1}': 5,
    "{'a'": 1,
    '"\n"': 1,
    nul1: 3,
  })) {
    assert.equal(new JsonPrefix().accept(text), length, text);
  }
});

test('what is nested without end is no JSON', () => {
  assert.equal(new JsonPrefix().accept('['.repeat(5000)), 1000);
});
