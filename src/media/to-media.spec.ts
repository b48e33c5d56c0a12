// Guarantee: the block follows from the content; what the model could not be given is refused.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { GIF, JPEG, PDF, png, WEBP } from '../../test/support/media-samples.ts';
import type { MediaError } from './media-error.ts';
import { toMedia } from './to-media.ts';

const code = (expected: string) => (error: MediaError) => error.code === expected;

test('images and PDFs become blocks of their real type, in parts of either kind', () => {
  for (const [content, mediaType, type] of [
    [png(), 'image/png', 'image'],
    [JPEG, 'image/jpeg', 'image'],
    [GIF, 'image/gif', 'image'],
    [WEBP, 'image/webp', 'image'],
    [PDF, 'application/pdf', 'document'],
  ] as const) {
    for (const kind of ['image', 'file'] as const) {
      assert.deepEqual(toMedia(content, kind), {
        block: { type, source: { type: 'base64', media_type: mediaType, data: content.toString('base64') } },
        bytes: content.length,
      });
    }
  }
});

test('text is a document in a file part, and refused in an image part', () => {
  const content = Buffer.from('\ufeffGrüße\n\x1b[31mred');
  assert.deepEqual(toMedia(content, 'file').block, {
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: 'Grüße\n\x1b[31mred' },
  });
  assert.throws(() => toMedia(content, 'image'), code('unsupported_media_type'));
});

test('what is neither is refused', () => {
  for (const content of [
    Buffer.from('a\0b'),
    Buffer.from([0xff, 0xfe, 0x41]),
    Buffer.from('PK\x03\x04\0'),
    Buffer.from(' \n'),
    Buffer.alloc(0),
  ]) {
    assert.throws(() => toMedia(content, 'file'), code('unsupported_media_type'));
    assert.throws(() => toMedia(content, 'image'), code('unsupported_media_type'));
  }
});

test('an image that does not tell its size, or is too large in pixels, is refused', () => {
  const large = png();
  large.writeUInt32BE(8001, 16);
  assert.throws(() => toMedia(large, 'image'), code('media_too_large'));
  const nothing = png();
  nothing.writeUInt32BE(0, 20);
  for (const content of [nothing, png().subarray(0, 12), JPEG.subarray(0, 40)])
    assert.throws(() => toMedia(content, 'image'), code('unsupported_media_type'));
});
