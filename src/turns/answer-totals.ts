import { addTokens, NO_TOKENS, type TokenUsage } from '../claude-cli/turn/token-usage.ts';
import type { FinishReason, TurnFinish } from '../claude-cli/turn/turn.ts';
import type { AnswerEvent } from './answer-event.ts';

/** What an answer took, summed over its choices as they finish. */
export class AnswerTotals {
  private sum = NO_TOKENS;
  private spentSum = NO_TOKENS;
  private dollars: number | undefined;
  private first: TurnFinish | undefined;

  /** Takes an event; only those that end a choice count. */
  accept({ choice, event, isRepeated }: AnswerEvent): void {
    if (event.type !== 'finish') return;
    if (choice === 0 || !this.first) this.first = event;
    this.sum = addTokens(this.sum, event.usage);
    if (!isRepeated) this.spentSum = addTokens(this.spentSum, event.usage);
    if (event.costUsd !== undefined) this.dollars = (this.dollars ?? 0) + event.costUsd;
  }

  /** What the answer took, for this request or for the one that it was made for first. */
  get usage(): TokenUsage {
    return this.sum;
  }

  /** The part of it that a model was asked for by this request. */
  get spent(): TokenUsage {
    return this.spentSum;
  }

  /** US dollars; undefined when nothing is known of any choice. */
  get costUsd(): number | undefined {
    return this.dollars;
  }

  /** The model that answered; empty until a choice has finished. */
  get model(): string {
    return this.first?.model ?? '';
  }

  /** Why the first choice ended. */
  get finishReason(): FinishReason {
    return this.first?.reason ?? 'stop';
  }
}
