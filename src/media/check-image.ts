import { imageSize } from 'image-size';
import { MediaError } from './media-error.ts';

/** The Messages API takes no image that is wider or taller. */
const MAX_PIXELS = 8000;

/**
 * Refuses an image whose header tells no size, or one that the Messages API would not take: the CLI would put a sentence of
 * its own in its place.
 */
export function checkImage(bytes: Buffer): void {
  const { width, height } = sizeOf(bytes);
  if (width > MAX_PIXELS || height > MAX_PIXELS) {
    throw new MediaError('media_too_large', `it is wider or taller than ${MAX_PIXELS} pixels`);
  }
}

function sizeOf(bytes: Buffer): { width: number; height: number } {
  let size: { width: number; height: number } | undefined;
  let cause: unknown;
  try {
    size = imageSize(bytes);
  } catch (error) {
    cause = error;
  }
  if (size && size.width > 0 && size.height > 0) return size;
  throw new MediaError('unsupported_media_type', 'it is damaged: its width and height are missing', { cause });
}
