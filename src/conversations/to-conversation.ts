import type { Conversation } from 'openai/resources/conversations/conversations';
import type { ConversationRecord } from './store/conversation-store.ts';

/** OpenAI's conversation, and what is ours beside it. */
export interface ConversationObject extends Conversation {
  /** Unix time in seconds, like all times here. */
  readonly updated_at: number;
  readonly expires_at: number;
  readonly model: string | null;
  readonly message_count: number;
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
    readonly completion_tokens_details: { readonly reasoning_tokens: number };
  };
  readonly cost: { readonly usd: number };
  /** Whether a process holds it, so that it goes on without being told again. */
  readonly live: boolean;
}

export interface ConversationState {
  readonly timeoutMs: number;
  readonly isLive: boolean;
}

export function toConversation(
  record: ConversationRecord,
  { timeoutMs, isLive }: ConversationState,
): ConversationObject {
  const { usage } = record;
  return {
    id: record.id,
    object: 'conversation',
    created_at: toSeconds(record.createdAt),
    metadata: record.metadata,
    updated_at: toSeconds(record.updatedAt),
    expires_at: toSeconds(record.updatedAt + timeoutMs),
    model: record.model ?? null,
    message_count: record.messageCount,
    usage: {
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      total_tokens: usage.promptTokens + usage.completionTokens,
      prompt_tokens_details: { cached_tokens: usage.cachedTokens },
      completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    },
    cost: { usd: record.costUsd },
    live: isLive,
  };
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
