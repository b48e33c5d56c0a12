import { randomHex } from '../../common/random-text.ts';

/** What every part of one answer carries. */
export interface CompletionIdentity {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
}

/** A new id in OpenAI's form: `cmpl-` and 29 letters and digits, here hexadecimal ones. */
export function newCompletionIdentity(): CompletionIdentity {
  return { id: `cmpl-${randomHex(15).slice(1)}`, created: Math.floor(Date.now() / 1000) };
}
