import { addSpending, NOTHING_SPENT, type Spending } from '../../claude-cli/turn/spending.ts';

/**
 * The use of spent tokens: turns that were answered, that the client cancelled, that failed; `overhead` is the spending of
 * processes outside the turns of clients.
 */
export const SPENDING_KINDS = ['answered', 'cancelled', 'failed', 'overhead'] as const;
export type SpendingKind = (typeof SPENDING_KINDS)[number];

export type SpendingSnapshot = Readonly<
  Record<
    SpendingKind,
    {
      readonly turns: number;
      /** Turns whose process ended before it reported their cost. */
      readonly unaccounted: number;
      readonly tokens: Readonly<Record<'input' | 'cache_read' | 'cache_write' | 'output' | 'thinking', number>>;
      readonly cost_usd: number;
    }
  >
>;

interface Sum {
  turns: number;
  unaccounted: number;
  spending: Spending;
}

/** Sums up what was spent upstream. */
export class SpendingFigures {
  private readonly sums = new Map<SpendingKind, Sum>(
    SPENDING_KINDS.map((kind) => [kind, { turns: 0, unaccounted: 0, spending: NOTHING_SPENT }]),
  );

  countTurn(kind: Exclude<SpendingKind, 'overhead'>, spending: Spending, isAccounted: boolean): void {
    const sum = this.add(kind, spending);
    sum.turns += 1;
    if (!isAccounted) sum.unaccounted += 1;
  }

  addOverhead(spending: Spending): void {
    this.add('overhead', spending);
  }

  snapshot(): SpendingSnapshot {
    const entries = [...this.sums].map(([kind, { turns, unaccounted, spending }]) => {
      const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, thinkingTokens } = spending.usage;
      const tokens = {
        input: inputTokens,
        cache_read: cacheReadTokens,
        cache_write: cacheWriteTokens,
        output: outputTokens,
        thinking: thinkingTokens,
      };
      return [kind, { turns, unaccounted, tokens, cost_usd: spending.costUsd }];
    });
    return Object.fromEntries(entries) as SpendingSnapshot;
  }

  private add(kind: SpendingKind, spending: Spending): Sum {
    const sum = this.sums.get(kind)!;
    sum.spending = addSpending(sum.spending, spending);
    return sum;
  }
}
