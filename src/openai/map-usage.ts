import type { CompletionUsage } from 'openai/resources/completions';
import { promptTokens, type TokenUsage } from '../claude-cli/turn/token-usage.ts';
import type { AnswerTotals } from '../turns/answer-totals.ts';

/** OpenAI's usage of an answer, with what it cost. */
export type AnswerUsage = CompletionUsage & {
  /** US dollars, as in the header `x-claude-code-cost-usd`, which a stream has sent before the cost is known. */
  readonly cost_usd?: number;
};

/** What an answer took, equal for one that is whole and one that is streamed. */
export function mapAnswerUsage({ usage, costUsd }: Pick<AnswerTotals, 'usage' | 'costUsd'>): AnswerUsage {
  return { ...mapUsage(usage), ...(costUsd !== undefined && { cost_usd: costUsd }) };
}

/** OpenAI's counts: `prompt_tokens` includes cached tokens, which `cached_tokens` repeats. */
export function mapUsage(usage: TokenUsage): CompletionUsage {
  const prompt = promptTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.thinkingTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
