import { endOfNumber, isDigit, isUnusualNumber } from './number-bytes.ts';

/** Deeper than any schema that makes sense; parsing takes seconds for millions of levels. */
const MAX_DEPTH = 512;
/** Each value takes a multiple of its bytes in memory. */
const MAX_VALUES = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** What is known of a body before it is parsed. */
export interface JsonSummary {
  /** How many values it holds, about. */
  readonly values: number;
  /** Whether a number in it may be one that JavaScript writes with other digits. */
  readonly hasUnusualNumbers: boolean;
}

/** A body that would be too much to parse, though it is not too large. */
export class JsonBoundsError extends Error {
  readonly status = 400;
}

/** A body in a character set in which its bounds would not be seen: JSON is exchanged in UTF-8. */
export class CharacterSetError extends Error {
  readonly status = 415;

  constructor() {
    super('its character set is not UTF-8');
  }
}

/**
 * To be called before a body is parsed. Throws what is wrong with it.
 *
 * @param encoding the character set that it will be read in
 */
export function verifyJson(body: Buffer, encoding: string): JsonSummary {
  if (encoding !== 'utf-8') throw new CharacterSetError();
  return checkJsonBounds(body);
}

/** Throws a JsonBoundsError for JSON that is nested too deeply or holds too many values. */
function checkJsonBounds(json: Buffer): JsonSummary {
  let depth = 0;
  let values = 1;
  let hasUnusualNumbers = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]!;
    if (byte === QUOTE) {
      index = endOfString(json, index + 1);
    } else if (isDigit(byte)) {
      const end = endOfNumber(json, index);
      hasUnusualNumbers ||= isUnusualNumber(json, index, end);
      index = end - 1;
    } else if (byte === COMMA) {
      values += 1;
    } else if (OPENING.has(byte)) {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH) throw new JsonBoundsError(`The JSON body is nested more than ${MAX_DEPTH} levels deep.`);
    } else if (CLOSING.has(byte)) {
      depth -= 1;
    }
    if (values > MAX_VALUES) throw new JsonBoundsError(`The JSON body holds more than ${MAX_VALUES} values.`);
  }
  return { values, hasUnusualNumbers };
}

/** The place of the quote that ends a string; the end of the text where none does. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH && end - 1 - backslashes >= start) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}
