import type { ConversationRecord, ConversationUsage } from './conversation-store.ts';

/** A row of the table `conversations`. */
export interface ConversationRow {
  readonly number: number;
  readonly id: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly metadata: string;
  readonly model: string | null;
  readonly head: string | null;
  readonly history_start: number;
  readonly dropped_messages: number;
  readonly next_position: number;
  readonly message_count: number;
  readonly revision: number;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
  readonly reasoning_tokens: number;
  readonly cost_usd: number;
}

const NO_USAGE: ConversationUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 };
/** What a change adds that does not say. */
export const NO_CHANGE = { usage: NO_USAGE, costUsd: 0 };

export function toRecord(row: ConversationRow): ConversationRecord {
  return {
    id: row.id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    model: row.model ?? undefined,
    head: row.head ?? undefined,
    historyStart: row.history_start,
    droppedMessages: row.dropped_messages,
    messageCount: row.message_count,
    revision: row.revision,
    usage: {
      promptTokens: row.prompt_tokens,
      cachedTokens: row.cached_tokens,
      completionTokens: row.completion_tokens,
      reasoningTokens: row.reasoning_tokens,
    },
    costUsd: row.cost_usd,
  };
}
