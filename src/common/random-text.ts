import { randomFillSync } from 'node:crypto';

/** Random bytes for many texts at once: asking for a few takes as long as asking for many. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Hexadecimal digits, two for each of so many random bytes: not more than the pool holds. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString('hex', used, (used += bytes));
}
