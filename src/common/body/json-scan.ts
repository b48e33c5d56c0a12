import { endOfNumber, isDigit, isUnusualNumber } from './number-bytes.ts';

/** Deeper than any schema that makes sense, and far from where recursive code (JSON.stringify too) runs out of stack. */
const MAX_DEPTH = 256;
/** A value takes up to a microsecond to parse, and as long again to check: more would block the event loop. */
export const MAX_VALUES = 100_000;
/** Longer than any number that says something. V8 takes 10 ms for a million digits. */
const MAX_DIGITS = 1000;
/** Strings that are shorter are read byte by byte, which is quicker than to search for their end. */
const SHORT_STRING_BYTES = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** The bit in which `[` differs from `{`, and `]` from `}`. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** JSON that would take too long to parse or to check, though it is not too large. */
export class JsonBoundsError extends Error {}

/**
 * Looks through JSON for its bounds before it is parsed, a part at a time, so that the event loop need not wait for all of
 * it. What is not JSON is left to the parser to say.
 */
export class JsonScan {
  /** How many values have been seen, about. */
  values = 1;
  /** Whether a number in it may be one that JavaScript writes with other digits. */
  hasUnusualNumbers = false;
  private depth = 0;
  private position = 0;

  /** @param json in UTF-8 */
  constructor(private readonly json: Uint8Array) {}

  /** Scans to the end of this many further bytes, or of the string there. Throws a JsonBoundsError for what is too much. */
  advance(bytes: number): 'more' | 'done' {
    const { json } = this;
    const end = Math.min(json.length, this.position + bytes);
    let index = this.position;
    while (index < end) {
      const byte = json[index]!;
      if (byte === QUOTE) index = endOfString(json, index + 1) + 1;
      else if (isDigit(byte)) index = this.passNumber(index);
      else {
        this.count(byte);
        index += 1;
      }
    }
    this.position = index;
    return index < json.length ? 'more' : 'done';
  }

  /** The place after the number that begins here. Throws a JsonBoundsError where it has too many digits. */
  private passNumber(start: number): number {
    const end = endOfNumber(this.json, start);
    if (end - start > MAX_DIGITS) throw new JsonBoundsError(`it holds a number of more than ${MAX_DIGITS} digits`);
    this.hasUnusualNumbers ||= isUnusualNumber(this.json, start, end);
    return end;
  }

  private count(byte: number): void {
    const kind = byte | CURLY;
    if (byte === COMMA || kind === OPENING) this.values += 1;
    if (kind === OPENING) this.depth += 1;
    else if (kind === CLOSING) this.depth -= 1;
    if (this.depth > MAX_DEPTH) throw new JsonBoundsError(`it is nested more than ${MAX_DEPTH} levels deep`);
    if (this.values > MAX_VALUES) throw new JsonBoundsError(`it holds more than ${MAX_VALUES} values`);
  }
}

/** The place of the quote that ends a string; the end of the text, or one behind it, where none does. */
function endOfString(json: Uint8Array, start: number): number {
  let index = start;
  for (;;) {
    const near = Math.min(json.length, index + SHORT_STRING_BYTES);
    while (index < near) {
      const byte = json[index];
      if (byte === QUOTE) return index;
      index += byte === BACKSLASH ? 2 : 1;
    }
    const quote = json.indexOf(QUOTE, index);
    if (quote === -1) return json.length;
    let backslashes = 0;
    while (quote - backslashes > index && json[quote - backslashes - 1] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    index = quote + 1;
  }
}
