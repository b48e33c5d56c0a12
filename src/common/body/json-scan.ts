import { endOfNumber, isDigit, isUnusualNumber } from './number-bytes.ts';

/** Deeper than useful schemas, and far below the depth at which recursive code (JSON.stringify too) overflows the stack. */
const MAX_DEPTH = 256;
/** A value takes up to a microsecond to parse and another to check: more values would block the event loop. */
export const MAX_VALUES = 100_000;
/** Longer than useful numbers. V8 takes 10 ms for a million digits. */
const MAX_DIGITS = 1000;
/** Shorter strings are scanned byte by byte, which is faster than a search for their end. */
const SHORT_STRING_BYTES = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** The bit that distinguishes `[` from `{`, and `]` from `}`. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** JSON within the size limit that would take too long to parse or to check. */
export class JsonBoundsError extends Error {}

/**
 * Checks JSON against limits before it is parsed, in parts, so that the event loop is not blocked. Leaves syntax errors to
 * the parser.
 */
export class JsonScan {
  /** The approximate number of values so far. */
  values = 1;
  /** Whether JavaScript may write a number of it with other digits. */
  hasUnusualNumbers = false;
  private depth = 0;
  private position = 0;

  /** @param json in UTF-8 */
  constructor(private readonly json: Uint8Array) {}

  /** Scans at least this many further bytes, to the end of a string there. Throws a JsonBoundsError beyond a limit. */
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

  /** The index after the number that begins here. Throws a JsonBoundsError if it has too many digits. */
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

/** The index of the closing quote; without one the end of the text, or one behind it. */
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
