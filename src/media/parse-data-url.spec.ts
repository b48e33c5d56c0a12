// Guarantee: a data URL is taken apart by RFC 2397, and its declared type has no say.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { MediaError } from './media-error.ts';
import { decodePercent, isDataUrl, parseDataUrl } from './parse-data-url.ts';

const TABLE: [url: string, isBase64: boolean, payload: string][] = [
  ['data:image/png;base64,AAAA', true, 'AAAA'],
  ['DATA:image/png;BASE64,AAAA', true, 'AAAA'],
  ['data:;base64,AAAA', true, 'AAAA'],
  ['data:text/plain;charset=utf-8;base64,AAAA', true, 'AAAA'],
  ['data:text/plain,a%20b,c', false, 'a%20b,c'],
  ['data:,x', false, 'x'],
  ['data:application/pdf;name=base64,x', false, 'x'],
];
for (const [url, isBase64, payload] of TABLE) {
  test(url, () => {
    assert.ok(isDataUrl(url));
    assert.deepEqual(parseDataUrl(url), { isBase64, payload });
  });
}

test('one without a comma is refused', () => {
  for (const url of ['data:image/png;base64', `data:${'x'.repeat(5000)},`])
    assert.throws(
      () => parseDataUrl(url),
      (error: MediaError) => error.code === 'invalid_url',
    );
});

test('percent-encoded text is decoded as UTF-8, and broken escapes are refused', () => {
  assert.equal(decodePercent('%C3%BC+x').toString(), 'ü+x');
  assert.throws(
    () => decodePercent('%C3'),
    (error: MediaError) => error.code === 'invalid_url',
  );
});
