import { randomFillSync } from 'node:crypto';

/** Random bytes for many texts: a small request takes as long as a large one. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Hexadecimal digits of this many random bytes; at most the size of the pool. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString('hex', used, (used += bytes));
}
