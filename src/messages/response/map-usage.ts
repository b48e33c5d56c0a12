import type { MessageDeltaUsage, Usage } from '@anthropic-ai/sdk/resources/messages';
import type { TokenUsage } from '../../claude-cli/turn/token-usage.ts';

/** Anthropic's counts, which the CLI passes on as they are. */
export function mapUsage(usage: TokenUsage): Usage {
  return {
    ...mapDeltaUsage(usage),
    input_tokens: usage.inputTokens,
    cache_creation: null,
    inference_geo: null,
    service_tier: null,
    speed: null,
  };
}

/** What a whole answer took, as the end of a stream tells it. */
export function mapDeltaUsage(usage: TokenUsage): MessageDeltaUsage {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
    server_tool_use: null,
    output_tokens_details: detailsOf(usage),
  };
}

function detailsOf({ thinkingTokens }: TokenUsage): Usage['output_tokens_details'] {
  return thinkingTokens > 0 ? { thinking_tokens: thinkingTokens } : null;
}
