import type { MessageUsage } from '../transport/messages.ts';
import type { TurnUsage } from './turn.ts';

export const NO_USAGE: TurnUsage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  thinkingTokens: 0,
};

/** The usage together with that of one more message, as the Messages API counts it. */
export function addUsage(usage: TurnUsage, more: MessageUsage | undefined): TurnUsage {
  return {
    inputTokens: usage.inputTokens + (more?.input_tokens ?? 0),
    cacheReadTokens: usage.cacheReadTokens + (more?.cache_read_input_tokens ?? 0),
    cacheWriteTokens: usage.cacheWriteTokens + (more?.cache_creation_input_tokens ?? 0),
    outputTokens: usage.outputTokens + (more?.output_tokens ?? 0),
    thinkingTokens: usage.thinkingTokens + (more?.output_tokens_details?.thinking_tokens ?? 0),
  };
}

/** The counts that are there: some providers repeat only a few of them at the end of a message. */
export function withoutNulls(usage: MessageUsage): MessageUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
