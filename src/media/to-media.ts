import { checkImage } from './check-image.ts';
import type { Media } from './media-block.ts';
import { MediaError } from './media-error.ts';
import { SNIFFED_BYTES, sniffMediaType, type BinaryType } from './sniff-media-type.ts';

/** What a part may contain: an `image_url` images and PDFs, a `file` also text. */
export type MediaKind = 'image' | 'file';

/** The type of the first bytes. Throws a MediaError for a type that an image part may not contain. */
export function requireBinaryType(head: Buffer): BinaryType {
  const type = sniffMediaType(head);
  if (type) return type;
  throw new MediaError('unsupported_media_type', 'its content is not PNG, JPEG, GIF, WebP or PDF');
}

/**
 * The block for the content of a part, by the type of the content. Throws a MediaError.
 *
 * @param base64 the same content in base64, if available
 */
export function toMedia(content: Buffer, kind: MediaKind, base64?: string): Media {
  const isText = kind === 'file' && sniffMediaType(content.subarray(0, SNIFFED_BYTES)) === undefined;
  return isText ? textMedia(content) : binaryMedia(content, base64 ?? content.toString('base64'));
}

function binaryMedia(content: Buffer, data: string): Media {
  const type = requireBinaryType(content.subarray(0, SNIFFED_BYTES));
  const bytes = content.length;
  if (type === 'application/pdf') {
    return { block: { type: 'document', source: { type: 'base64', media_type: type, data } }, bytes };
  }
  checkImage(content);
  return { block: { type: 'image', source: { type: 'base64', media_type: type, data } }, bytes };
}

function textMedia(content: Buffer): Media {
  const data = decodeText(content);
  if (data === undefined) {
    throw new MediaError(
      'unsupported_media_type',
      'its content is neither text in UTF-8 nor one of PDF, PNG, JPEG, GIF and WebP',
    );
  }
  if (data.trim() === '') throw new MediaError('unsupported_media_type', 'it is empty');
  return {
    block: { type: 'document', source: { type: 'text', media_type: 'text/plain', data } },
    bytes: content.length,
  };
}

/** Undefined for binary content, which a zero byte reveals, as in git and grep. */
function decodeText(content: Buffer): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}
