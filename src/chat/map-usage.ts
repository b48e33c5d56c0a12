import type { CompletionUsage } from 'openai/resources/completions';
import type { TurnUsage } from '../claude-cli/turn.ts';

/** Tokens in OpenAI's terms: the prompt counts whole, what of it came from the prompt cache is told beside it. */
export function mapUsage(usage: TurnUsage): CompletionUsage {
  const promptTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: promptTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.thinkingTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
