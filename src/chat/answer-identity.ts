import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What every part of one answer carries. */
export interface AnswerIdentity {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly conversationId?: string;
}

/** A new id in OpenAI's form: `chatcmpl-` and 29 letters and digits. */
export function newAnswerIdentity(conversationId: string): AnswerIdentity {
  let id = 'chatcmpl-';
  for (const byte of randomBytes(29)) id += ALPHABET[byte % ALPHABET.length];
  return { id, created: Math.floor(Date.now() / 1000), conversationId };
}
