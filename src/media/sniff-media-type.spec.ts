// Guarantee: a file is what its first bytes say, whatever it is called.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { GIF, JPEG, PDF, png, WEBP } from '../../test/support/media-samples.ts';
import { SNIFFED_BYTES, sniffMediaType } from './sniff-media-type.ts';

const KNOWN: [content: Buffer, type: string][] = [
  [png(), 'image/png'],
  [JPEG, 'image/jpeg'],
  [GIF, 'image/gif'],
  [Buffer.from('GIF87a...........'), 'image/gif'],
  [WEBP, 'image/webp'],
  [PDF, 'application/pdf'],
];
for (const [content, type] of KNOWN) {
  test(`${type} is known by its first ${SNIFFED_BYTES} bytes: ${content.toString('latin1', 0, 6)}`, () => {
    assert.equal(sniffMediaType(content.subarray(0, SNIFFED_BYTES)), type);
  });
}

test('anything else is unknown', () => {
  const others = ['', 'P', 'a text', '<svg xmlns=""/>', 'BM\x00\x00', 'RIFF\x00\x00\x00\x00WAVEfmt ', '\x00\x00\x00\x00\x00\x00\x00\x00WEBPVP8 ', ' %PDF-1.4', '\x89PNG\n']; // prettier-ignore
  for (const text of others) assert.equal(sniffMediaType(Buffer.from(text, 'latin1')), undefined);
});
