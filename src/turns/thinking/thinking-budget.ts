import type { Effort } from '../../claude-cli/turn/turn.ts';

/** How a model's thinking is controlled: not at all, by a token budget, or by an effort level. */
export type ThinkingKind = 'none' | 'budget' | 'effort';

/** The Messages API accepts no smaller budget, and none that reaches the limit of the answer. */
export const SMALLEST_BUDGET_TOKENS = 1024;
/** The CLI's default limit of an answer. */
const DEFAULT_LIMIT_TOKENS = 32_000;

/** The budget of each level: in tokens, and as a maximum share of the answer's limit above the smallest budget. */
const BUDGETS: Readonly<Record<Effort, { readonly tokens: number; readonly share: number }>> = {
  low: { tokens: 4_000, share: 0.1 },
  medium: { tokens: 10_000, share: 0.3 },
  high: { tokens: 16_000, share: 0.5 },
  xhigh: { tokens: 20_000, share: 0.65 },
  max: { tokens: 24_000, share: 0.8 },
};

/** `claude-3-7-sonnet-20250219`, `claude-sonnet-4-5@20250929`, `anthropic.claude-opus-4-20250514-v1:0`. */
const VERSION = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;

/** Derived from the version in a full id. A model without one counts as new. */
export function thinkingKind(modelId: string): ThinkingKind {
  const [, major, minor = '0'] = VERSION.exec(modelId) ?? [];
  if (major === undefined) return 'effort';
  const version = Number(major) * 100 + Number(minor);
  if (version < 307) return 'none';
  return version <= 405 ? 'budget' : 'effort';
}

/**
 * The thinking budget in tokens. Grows with the level, and leaves room for the answer.
 *
 * @param limitTokens the limit of the answer, above the smallest budget
 */
export function thinkingBudget(effort: Effort, limitTokens = DEFAULT_LIMIT_TOKENS): number {
  const { tokens, share } = BUDGETS[effort];
  return Math.min(tokens, SMALLEST_BUDGET_TOKENS + Math.floor(share * (limitTokens - SMALLEST_BUDGET_TOKENS)));
}
