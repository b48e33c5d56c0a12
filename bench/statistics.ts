/** A percentile of figures, by the nearest rank. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** p50 and p95 over everything, and the lowest and highest p50 of the rounds: how much the machine's noise moved it. */
export interface Summary {
  readonly p50: number;
  readonly p95: number;
  readonly lowestRound: number;
  readonly highestRound: number;
}

export function summarize(rounds: readonly (readonly number[])[]): Summary {
  const medians = rounds.map((round) => percentile(round, 0.5));
  const all = rounds.flat();
  return {
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    lowestRound: Math.min(...medians),
    highestRound: Math.max(...medians),
  };
}
