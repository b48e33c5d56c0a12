import type { MessageUsage, ModelUsage } from '../transport/messages.ts';

/** Tokens as the Messages API counts them. */
export interface TokenUsage {
  /** Without cache reads and cache writes. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** The part of `outputTokens` for thinking. */
  readonly thinkingTokens: number;
}

export const NO_TOKENS: TokenUsage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  thinkingTokens: 0,
};

export function addTokens(left: TokenUsage, right: TokenUsage): TokenUsage {
  return combineTokens(left, right, (one, other) => one + other);
}

/** Merges two usages count by count. */
export function combineTokens(
  left: TokenUsage,
  right: TokenUsage,
  merge: (left: number, right: number) => number,
): TokenUsage {
  return {
    inputTokens: merge(left.inputTokens, right.inputTokens),
    cacheReadTokens: merge(left.cacheReadTokens, right.cacheReadTokens),
    cacheWriteTokens: merge(left.cacheWriteTokens, right.cacheWriteTokens),
    outputTokens: merge(left.outputTokens, right.outputTokens),
    thinkingTokens: merge(left.thinkingTokens, right.thinkingTokens),
  };
}

/** The whole prompt, cached tokens included. */
export function promptTokens({ inputTokens, cacheReadTokens, cacheWriteTokens }: TokenUsage): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens;
}

/** The Messages API's counts for one message. */
export function messageTokens(usage: MessageUsage | undefined): TokenUsage {
  return {
    inputTokens: usage?.input_tokens ?? 0,
    cacheReadTokens: usage?.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage?.cache_creation_input_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    thinkingTokens: usage?.output_tokens_details?.thinking_tokens ?? 0,
  };
}

/** The CLI's counts for one model. */
export function modelTokens(usage: ModelUsage): TokenUsage {
  return {
    inputTokens: usage.inputTokens ?? 0,
    cacheReadTokens: usage.cacheReadInputTokens ?? 0,
    cacheWriteTokens: usage.cacheCreationInputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    thinkingTokens: usage.thinkingTokens ?? 0,
  };
}
