import { createHash, randomBytes } from 'node:crypto';

/** Some clients require `sk-`; the rest makes the key recognisable for secret scanners. */
const PREFIX = 'sk-ccapi-';
const RANDOM_BYTES = 32;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The number of base-62 characters that hold any 32 bytes. */
const LENGTH = 43;

/** A new key: `sk-ccapi-` and 256 random bits in base 62. */
export function generateKey(): string {
  let rest = BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`);
  let text = '';
  for (; rest > 0n; rest /= 62n) text = `${ALPHABET[Number(rest % 62n)]}${text}`;
  return PREFIX + text.padStart(LENGTH, ALPHABET[0]);
}

/** The stored form of a key. A salt would add nothing: a key has too much entropy to guess. */
export function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
