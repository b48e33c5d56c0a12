import type { ResultLine } from '../transport/messages.ts';
import { addTokens, combineTokens, modelTokens, NO_TOKENS, type TokenUsage } from './token-usage.ts';

/** Upstream spending as the CLI reports it, including cancelled, failed and repeated requests. */
export interface Spending {
  readonly usage: TokenUsage;
  /** US dollars, the CLI's estimate. */
  readonly costUsd: number;
}

export const NOTHING_SPENT: Spending = { usage: NO_TOKENS, costUsd: 0 };

/** The running totals of a process, from a result; undefined if it has none. */
export function toSpending(line: ResultLine): Spending | undefined {
  if (line.total_cost_usd === undefined || !line.modelUsage) return undefined;
  const usage = Object.values(line.modelUsage).map(modelTokens).reduce(addTokens, NO_TOKENS);
  return { usage, costUsd: line.total_cost_usd };
}

export function addSpending(left: Spending, right: Spending): Spending {
  return { usage: addTokens(left.usage, right.usage), costUsd: left.costUsd + right.costUsd };
}

/** The spending between two running totals. */
export function spendingSince(before: Spending, now: Spending): Spending {
  const since = (later: number, earlier: number): number => Math.max(0, later - earlier);
  return { usage: combineTokens(now.usage, before.usage, since), costUsd: since(now.costUsd, before.costUsd) };
}
