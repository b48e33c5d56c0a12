import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random bytes for many texts at once: asking for a few takes as long as asking for many. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Hexadecimal digits, two for each of so many random bytes. */
export function randomHex(bytes: number): string {
  return take(bytes).toString('hex');
}

/** Random letters and digits, for names: some are a little more likely than others. */
export function randomAlphanumeric(length: number): string {
  let text = '';
  for (const byte of take(length)) text += ALPHABET[byte % ALPHABET.length];
  return text;
}

/** Valid until the next call. Never asked for more than the pool holds. */
function take(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += bytes));
}
