const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Shorter numbers keep their digits, unless they have an exponent or a fraction that ends in a zero. */
const UNUSUAL_LENGTH = 16;

/** Whether JavaScript may write a number of the JSON with other digits. */
export function isUnusualNumber(json: Uint8Array, start: number, end: number): boolean {
  if (end - start >= UNUSUAL_LENGTH) return true;
  let hasPoint = false;
  for (let index = start; index < end; index += 1) {
    if (isExponent(json[index])) return true;
    hasPoint ||= json[index] === POINT;
  }
  return hasPoint && json[end - 1] === ZERO && json[end - 2] !== POINT;
}

/**
 * The index after a number. A signed exponent may end it and begin another number.
 *
 * @param start the index of its first digit
 */
export function endOfNumber(json: Uint8Array, start: number): number {
  let end = start + 1;
  while (isDigit(json[end]) || json[end] === POINT || isExponent(json[end])) end += 1;
  return end;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isExponent(byte: number | undefined): boolean {
  return byte === 0x45 || byte === 0x65;
}
