import { addTokens, NO_TOKENS, type TokenUsage } from '../claude-cli/turn/token-usage.ts';
import type { FinishReason, TurnFinish } from '../claude-cli/turn/turn.ts';
import type { AnswerEvent } from './answer-event.ts';

/** The usage of an answer, summed over its choices as they finish. */
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

  /** The usage of the answer, by this request or by the one that first got it. */
  get usage(): TokenUsage {
    return this.sum;
  }

  /** The part of it that this request caused. */
  get spent(): TokenUsage {
    return this.spentSum;
  }

  /** US dollars; undefined if no choice has a known cost. */
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
