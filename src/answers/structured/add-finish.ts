import type { TurnFinish } from '../../claude-cli/turn/turn.ts';
import { addTokens } from '../../claude-cli/turn/token-usage.ts';

/** The end of the second of two turns that make one answer, with the usage of both. */
export function addFinish(first: TurnFinish, second: TurnFinish): TurnFinish {
  const isCosted = first.costUsd !== undefined || second.costUsd !== undefined;
  return {
    ...second,
    usage: addTokens(first.usage, second.usage),
    ...(isCosted && { costUsd: (first.costUsd ?? 0) + (second.costUsd ?? 0) }),
  };
}
