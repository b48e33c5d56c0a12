import { createHash, randomBytes } from 'node:crypto';

/** Clients that look at a key before they send it expect `sk-`; the rest lets scanners of secrets know it. */
const PREFIX = 'sk-ccapi-';
const RANDOM_BYTES = 32;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Letters and digits that any 32 bytes fit into. */
const LENGTH = 43;

/** A new key: `sk-ccapi-` and 256 random bits in base 62. */
export function generateKey(): string {
  let rest = BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`);
  let text = '';
  for (; rest > 0n; rest /= 62n) text = `${ALPHABET[Number(rest % 62n)]}${text}`;
  return PREFIX + text.padStart(LENGTH, ALPHABET[0]);
}

/** What is kept of a key. Salt would add nothing: a key holds more chance than could be tried. */
export function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
