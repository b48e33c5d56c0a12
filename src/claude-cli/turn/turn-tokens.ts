import type { MessageUsage, ResultLine } from '../transport/messages.ts';
import { addTokens, messageTokens, NO_TOKENS, type TokenUsage } from './token-usage.ts';

/** Adds up what the messages of one turn took. */
export class TurnTokens {
  private begun: MessageUsage = {};
  private sum: TokenUsage = NO_TOKENS;

  beginMessage(usage: MessageUsage): void {
    this.begun = usage;
  }

  /** Counts the message; `usage` corrects what was told at its beginning. */
  endMessage(usage: MessageUsage): void {
    this.sum = addTokens(this.sum, messageTokens({ ...this.begun, ...withoutNulls(usage) }));
  }

  /**
   * Of the whole turn.
   *
   * @param result counts where it tells more; undefined where it does not belong to the answer
   */
  total(result: ResultLine | undefined): TokenUsage {
    const total = result && messageTokens(result.usage);
    return total && total.outputTokens >= this.sum.outputTokens ? total : this.sum;
  }
}

/** The counts that are there: some providers repeat only a few of them at the end of a message. */
function withoutNulls(usage: MessageUsage): MessageUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
