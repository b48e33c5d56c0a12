import { imageSize } from 'image-size';
import { MediaError } from './media-error.ts';

/** The Messages API accepts no larger width or height. */
const MAX_PIXELS = 8000;

/**
 * Refuses an image without a size in its header, and one that the Messages API would refuse: the CLI would replace it with
 * a sentence of its own.
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
