import type { FinishReason, TurnFinish, TurnUsage } from '../claude-cli/turn/turn.ts';
import type { ChoiceEvent } from './answer-event.ts';

const NOTHING: TurnUsage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  thinkingTokens: 0,
};

/** What an answer took, summed over its choices as they finish. */
export class AnswerTotals {
  private sum = NOTHING;
  private spentSum = NOTHING;
  private dollars: number | undefined;
  private first: TurnFinish | undefined;

  /** Takes an event; only those that end a choice count. */
  accept({ choice, event, isRepeated }: ChoiceEvent): void {
    if (event.type !== 'finish') return;
    if (choice === 0 || !this.first) this.first = event;
    this.sum = addUsage(this.sum, event.usage);
    if (!isRepeated) this.spentSum = addUsage(this.spentSum, event.usage);
    if (event.costUsd !== undefined) this.dollars = (this.dollars ?? 0) + event.costUsd;
  }

  /** What the answer took, for this request or for the one that it was made for first. */
  get usage(): TurnUsage {
    return this.sum;
  }

  /** The part of it that a model was asked for by this request. */
  get spent(): TurnUsage {
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

/** What two turns have used together. */
export function addUsage(left: TurnUsage, right: TurnUsage): TurnUsage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    thinkingTokens: left.thinkingTokens + right.thinkingTokens,
  };
}
