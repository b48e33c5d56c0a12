import type { ResultLine } from '../transport/messages.ts';
import type { TurnUsage } from './turn.ts';

/** What was spent upstream, by the CLI's own account: requests that were cancelled, failed or made again included. */
export interface Spending {
  readonly usage: TurnUsage;
  /** US dollars, the CLI's own estimate. */
  readonly costUsd: number;
}

export const NOTHING_SPENT: Spending = {
  usage: { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, thinkingTokens: 0 },
  costUsd: 0,
};

/** The running totals of a process, as each of its results tells them; undefined when this one does not. */
export function toSpending(line: ResultLine): Spending | undefined {
  if (line.total_cost_usd === undefined || !line.modelUsage) return undefined;
  let { usage } = NOTHING_SPENT;
  for (const model of Object.values(line.modelUsage)) {
    usage = {
      inputTokens: usage.inputTokens + (model.inputTokens ?? 0),
      cacheReadTokens: usage.cacheReadTokens + (model.cacheReadInputTokens ?? 0),
      cacheWriteTokens: usage.cacheWriteTokens + (model.cacheCreationInputTokens ?? 0),
      outputTokens: usage.outputTokens + (model.outputTokens ?? 0),
      thinkingTokens: usage.thinkingTokens + (model.thinkingTokens ?? 0),
    };
  }
  return { usage, costUsd: line.total_cost_usd };
}

export function addSpending(left: Spending, right: Spending): Spending {
  return combine(left, right, (one, other) => one + other);
}

/** What was spent between two running totals. */
export function spendingSince(before: Spending, now: Spending): Spending {
  return combine(now, before, (later, earlier) => Math.max(0, later - earlier));
}

function combine(left: Spending, right: Spending, merge: (left: number, right: number) => number): Spending {
  const of = (kind: keyof TurnUsage): number => merge(left.usage[kind], right.usage[kind]);
  return {
    usage: {
      inputTokens: of('inputTokens'),
      cacheReadTokens: of('cacheReadTokens'),
      cacheWriteTokens: of('cacheWriteTokens'),
      outputTokens: of('outputTokens'),
      thinkingTokens: of('thinkingTokens'),
    },
    costUsd: merge(left.costUsd, right.costUsd),
  };
}
