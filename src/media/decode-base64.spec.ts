// Guarantee: base64 is decoded whole or refused, and what is too large is not decoded at all.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeBase64 } from './decode-base64.ts';
import type { MediaError } from './media-error.ts';

const code = (expected: string) => (error: MediaError) => error.code === expected;

test('any bytes come back, from each alphabet, padded or not, in lines or in one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (values) => {
      const bytes = Buffer.from(values);
      const standard = bytes.toString('base64');
      const lines = standard.replaceAll(/.{76}/g, '$&\r\n');
      for (const text of [standard, standard.replace(/=+$/, ''), bytes.toString('base64url'), lines]) {
        const decoded = decodeBase64(text, 300);
        assert.deepEqual(decoded.bytes, bytes);
        assert.equal(decoded.text, standard);
      }
    }),
  );
});

test('what is not base64 is refused', () => {
  for (const text of ['%%%%', 'abc!', 'QQ==QQ==', 'a b~c', 'ü'.repeat(8), 'data:,x'])
    assert.throws(() => decodeBase64(text, 100), code('invalid_base64'), text);
});

test('what is larger than allowed is refused, by a byte', () => {
  const text = Buffer.alloc(1000).toString('base64');
  assert.equal(decodeBase64(text, 1000).bytes.length, 1000);
  assert.throws(() => decodeBase64(text, 999), code('media_too_large'));
  assert.throws(() => decodeBase64(`${'A'.repeat(10_000)}~`, 1000), code('media_too_large'), 'before it is decoded');
});

test('white space is taken out wherever it is, and nothing else', () => {
  const bytes = Buffer.from('any bytes at all');
  const spaced = bytes.toString('base64').replaceAll(/../g, '$& \t\r\n');
  assert.deepEqual(decodeBase64(spaced, 100).bytes, bytes);
  for (const other of ['\u0141', 'ü', '\ud800', '~'])
    assert.throws(() => decodeBase64(`QUFB ${other}QUFB`, 100), code('invalid_base64'), other);
});
