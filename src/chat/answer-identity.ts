import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const LENGTH = 29;
/** Random bytes for many ids at once: asking for a few takes as long as asking for many. */
const pool = Buffer.alloc(128 * LENGTH);
let used = pool.length;

/** What every part of one answer carries. */
export interface AnswerIdentity {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly conversationId?: string;
}

/** A new id in OpenAI's form: `chatcmpl-` and 29 letters and digits. */
export function newAnswerIdentity(conversationId: string): AnswerIdentity {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = 'chatcmpl-';
  for (const byte of pool.subarray(used, (used += LENGTH))) id += ALPHABET[byte % ALPHABET.length];
  return { id, created: Math.floor(Date.now() / 1000), conversationId };
}
