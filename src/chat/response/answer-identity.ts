import { randomHex } from '../../common/random-text.ts';

/** What every part of one answer carries. */
export interface AnswerIdentity {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly conversationId?: string;
}

/** A new id in OpenAI's form: `chatcmpl-` and 29 letters and digits, here hexadecimal ones. */
export function newAnswerIdentity(conversationId: string): AnswerIdentity {
  return { id: `chatcmpl-${randomHex(15).slice(1)}`, created: Math.floor(Date.now() / 1000), conversationId };
}
