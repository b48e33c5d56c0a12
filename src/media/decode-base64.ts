import { MediaError, tooLarge } from './media-error.ts';

export interface DecodedBase64 {
  readonly bytes: Buffer;
  /** The same in the form that the Messages API accepts: standard alphabet, padded, one line. */
  readonly text: string;
}

/**
 * Decodes base64, with or without padding or line breaks, in the standard or the URL alphabet. Refuses content that is too
 * large before decoding it. Returns the same text if possible, since copies cost megabytes.
 */
export function decodeBase64(text: string, maxBytes: number): DecodedBase64 {
  if (decodedLength(text) > maxBytes * LINES_ALLOWANCE) throw tooLarge(maxBytes);
  const compact = /\s/.test(text.slice(0, LINE_LENGTH)) ? withoutWhiteSpace(text) : text;
  const length = decodedLength(compact);
  if (length > maxBytes) throw tooLarge(maxBytes);
  const bytes = Buffer.from(compact, 'base64');
  // Node skips invalid characters; no valid length is one more than a multiple of four.
  if (bytes.length !== length || unpaddedLength(compact) % 4 === 1)
    throw new MediaError('invalid_base64', 'it is not valid base64');
  const isStandard = compact.length % 4 === 0 && !compact.includes('-') && !compact.includes('_');
  return { bytes, text: isStandard ? compact : bytes.toString('base64') };
}

/** Base64 with line breaks has a line feed, or two characters, after at most this many. */
const LINE_LENGTH = 100;
const LINES_ALLOWANCE = 1.1;

/** A regular expression takes ten times as long, half a second for the largest file. */
function withoutWhiteSpace(text: string): string {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (byte <= SPACE) continue;
    bytes[length] = byte;
    length += 1;
  }
  return bytes.toString('latin1', 0, length);
}

const SPACE = 0x20;

function decodedLength(text: string): number {
  return Math.floor((unpaddedLength(text) * 3) / 4);
}

function unpaddedLength(text: string): number {
  return text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}
