// Guarantee: whatever a client calls its fields, the header that names them can be sent.
import assert from 'node:assert/strict';
import { validateHeaderValue } from 'node:http';
import { test } from '@jest/globals';
import { array, assert as check, property, string } from 'fast-check';
import { ignoredHeader } from './ignored-header.ts';

test('fields are named as they are, with the reason where there is one', () => {
  assert.equal(
    ignoredHeader(['seed', 'temperature (1 is the highest; 1 is used)']),
    'seed, temperature (1 is the highest; 1 is used)',
  );
});

test('what a header cannot carry, and what would end a name, is percent-encoded', () => {
  assert.equal(
    ignoredHeader(['a\r\nset-cookie: b', 'ü', '🦊', 'a,b', '50%', '\ud800']),
    'a%0D%0Aset-cookie: b, %C3%BC, %F0%9F%A6%8A, a%2Cb, 50%25, %EF%BF%BD',
  );
});

test('a list that is too long says that there are more, and a long name is cut', () => {
  const value = ignoredHeader(Array.from({ length: 1000 }, (_, index) => `field${index}`));
  assert.ok(value.length < 1100);
  assert.match(value, /^field0, field1, .*, field\d+, \(and more\)$/);
  assert.equal(ignoredHeader(['x'.repeat(5000), 'y']), `${'x'.repeat(200)}..., y`);
  assert.equal(ignoredHeader(['ü'.repeat(5000), 'y']), '(and more)');
});

test('no names of fields make a header that cannot be sent or is too long', () => {
  check(
    property(array(string({ unit: 'binary', maxLength: 300 }), { maxLength: 50 }), (names) => {
      const value = ignoredHeader(names);
      validateHeaderValue('x-claude-code-ignored', value);
      assert.ok(value.length < 1100 && /^[ -~]*$/.test(value));
    }),
  );
});
