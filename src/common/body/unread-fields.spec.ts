// Guarantee: fields that nobody reads are named, each once, and naming them takes no longer for a hundred thousand of them.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { unreadFields } from './unread-fields.ts';

test('fields are named once, with their place and without positions in lists', () => {
  const body = {
    a: 1,
    x: 1,
    list: [
      { b: 1, y: 1 },
      { b: 1, y: 2, z: null },
    ],
    gone: undefined,
  };
  assert.deepEqual(unreadFields(body, { a: 1, list: [{ b: 1 }, { b: 1 }] }), ['x', 'list.y']);
});

test('what a schema hands back as it is, is read', () => {
  const metadata = { anything: 1 };
  assert.deepEqual(unreadFields({ metadata }, { metadata }), []);
});

for (const [what, body, read] of [
  ['at the top', many(), {}],
  ['in an object', { inside: many() }, { inside: {} }],
  ['in a list', { list: [{}, many(), many()] }, { list: [{}, {}, {}] }],
] as const) {
  test(`the search for fields ${what} ends with the hundredth, and says so`, () => {
    let looks = 0;
    const watched = new Proxy(body, { get: (target, key) => ((looks += 1), Reflect.get(target, key) as unknown) });
    const found = unreadFields(watched, read);
    assert.equal(found.length, 101);
    assert.equal(found.at(-1), '(and more)');
    assert.ok(looks <= 101, `${looks}`);
  });
}

function many(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, index]));
}
