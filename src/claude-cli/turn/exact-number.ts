/** Every integer with this many digits is exact. */
const EXACT_DIGITS = 15;
/** No number with this many digits is exact. */
const INEXACT_LENGTH = 1000;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Whether a number keeps its value when this service or the CLI parses and writes it: 12345678901234567890 and 1e400 do
 * not.
 *
 * @param source the number as written in JSON
 */
export function keepsValue(source: string): boolean {
  if (source.length <= EXACT_DIGITS && /^-?\d+$/.test(source)) return true;
  const value = significance(source);
  return value !== undefined && value === significance(String(Number(source)));
}

/**
 * Whether a number keeps its value and its fraction digits: 1.10 does not. The fraction of 20.0 only marks a decimal
 * number.
 */
export function keepsDigits(source: string): boolean {
  if (!keepsValue(source)) return false;
  const fraction = DECIMAL.exec(source)?.[3] ?? '';
  return fraction === '0' || !fraction.endsWith('0');
}

/** The significant digits and their power of ten, equal for equal numbers. Undefined if it is no decimal number. */
function significance(source: string): string | undefined {
  const match = source.length < INEXACT_LENGTH ? DECIMAL.exec(source) : undefined;
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === '0') start += 1;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
