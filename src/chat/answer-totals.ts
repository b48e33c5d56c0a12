import type { FinishReason, TurnFinish, TurnUsage } from '../claude-cli/turn.ts';
import type { ChoiceEvent } from './choice-event.ts';

/** What an answer took, summed over its choices as they finish. */
export class AnswerTotals {
  private sum: TurnUsage = {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    thinkingTokens: 0,
  };
  private dollars: number | undefined;
  private first: TurnFinish | undefined;

  /** Takes an event; only those that end a choice count. */
  accept({ choice, event }: ChoiceEvent): void {
    if (event.type !== 'finish') return;
    if (choice === 0 || !this.first) this.first = event;
    this.sum = addUsage(this.sum, event.usage);
    if (event.costUsd !== undefined) this.dollars = (this.dollars ?? 0) + event.costUsd;
  }

  get usage(): TurnUsage {
    return this.sum;
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
