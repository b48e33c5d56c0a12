import { MediaError } from './media-error.ts';

/** The parts of a data URL (RFC 2397). */
export interface DataUrl {
  readonly isBase64: boolean;
  /** Base64, or percent-encoded text. */
  readonly payload: string;
}

const HEAD_LENGTH = 1024;

/** Whether a text is a data URL. */
export function isDataUrl(text: string): boolean {
  return /^data:/i.test(text.slice(0, 5));
}

/** Parses a data URL. Ignores its declared type. Throws a MediaError. */
export function parseDataUrl(url: string): DataUrl {
  // In a text without a comma an unbounded search would scan megabytes.
  const comma = url.slice(0, HEAD_LENGTH).indexOf(',');
  if (comma === -1) throw new MediaError('invalid_url', 'it is not a valid data URL');
  return { isBase64: /;\s*base64\s*$/i.test(url.slice(0, comma)), payload: url.slice(comma + 1) };
}

/** The bytes of a percent-encoded payload. Throws a MediaError. */
export function decodePercent(payload: string): Buffer {
  try {
    return Buffer.from(decodeURIComponent(payload), 'utf8');
  } catch (error) {
    throw new MediaError('invalid_url', 'it is not a valid data URL', { cause: error });
  }
}
