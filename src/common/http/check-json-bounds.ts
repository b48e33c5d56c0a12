/** Deeper than any schema that makes sense; parsing takes seconds for millions of levels. */
const MAX_DEPTH = 512;
/** Each value takes a multiple of its bytes in memory. */
const MAX_VALUES = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** A body that would be too much to parse, though it is not too large. */
export class JsonBoundsError extends Error {
  readonly status = 400;
}

/**
 * How many values JSON holds, about, before it is parsed. Throws a JsonBoundsError for JSON that is nested too deeply or
 * holds too many.
 */
export function checkJsonBounds(json: Buffer): number {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]!;
    if (byte === QUOTE) {
      index = endOfString(json, index + 1);
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
  return values;
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
