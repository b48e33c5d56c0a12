import type { MessageUsage, ResultLine } from '../transport/messages.ts';
import { addTokens, messageTokens, NO_TOKENS, type TokenUsage } from './token-usage.ts';

/** Sums the tokens of the messages of one turn. */
export class TurnTokens {
  private begun: MessageUsage = {};
  private sum: TokenUsage = NO_TOKENS;

  beginMessage(usage: MessageUsage): void {
    this.begun = usage;
  }

  /** Counts the message; `usage` corrects the counts from its beginning. */
  endMessage(usage: MessageUsage): void {
    this.sum = addTokens(this.sum, messageTokens({ ...this.begun, ...withoutNulls(usage) }));
  }

  /**
   * The total of the turn.
   *
   * @param result counts if its total is larger; undefined if it does not belong to the answer
   */
  total(result: ResultLine | undefined): TokenUsage {
    const total = result && messageTokens(result.usage);
    return total && total.outputTokens >= this.sum.outputTokens ? total : this.sum;
  }
}

/** The counts that are present: some providers repeat only a few at the end of a message. */
function withoutNulls(usage: MessageUsage): MessageUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
