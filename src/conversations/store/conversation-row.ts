import type { ConversationChange, ConversationRecord } from './conversation-store.ts';
import { FIRST_POSITION, isSystem } from './item-place.ts';

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
  /** How large the content of all items is when it is read. */
  readonly bytes: number;
}

/** What of a row can change. */
export type ConversationValues = Omit<ConversationRow, 'number' | 'id' | 'created_at'>;

export const CHANGING_COLUMNS = [
  'updated_at',
  'metadata',
  'model',
  'head',
  'history_start',
  'dropped_messages',
  'next_position',
  'message_count',
  'revision',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'cost_usd',
  'bytes',
] as const satisfies readonly (keyof ConversationValues)[];

/** Of a conversation in which nothing is. */
export const EMPTY_VALUES: ConversationValues = {
  updated_at: 0,
  metadata: '{}',
  model: null,
  head: null,
  history_start: 0,
  dropped_messages: 0,
  next_position: FIRST_POSITION,
  message_count: 0,
  revision: 0,
  prompt_tokens: 0,
  cached_tokens: 0,
  completion_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0,
  bytes: 0,
};

/** What a change did to the items. */
export interface ItemsChange {
  readonly addedBytes: number;
  /** The system texts that made room for those of the change. */
  readonly replaced: { readonly count: number; readonly bytes: number };
}

/** The values after a change. */
export function changedValues(
  values: ConversationValues,
  change: ConversationChange,
  now: number,
  { addedBytes, replaced }: ItemsChange,
): ConversationValues {
  const { items = [], usage } = change;
  return {
    updated_at: now,
    metadata: change.metadata ? JSON.stringify(change.metadata) : values.metadata,
    model: change.model ?? values.model,
    // What was added without a turn is not held by any process yet.
    head: change.head ?? (items.length > 0 ? null : values.head),
    history_start:
      change.historyStart === 'added' ? values.next_position : (change.historyStart ?? values.history_start),
    dropped_messages: change.droppedMessages ?? values.dropped_messages,
    next_position: values.next_position + items.filter((item) => !isSystem(item)).length,
    message_count: values.message_count + items.filter(({ kind }) => kind === 'message').length - replaced.count,
    revision: values.revision + 1,
    prompt_tokens: values.prompt_tokens + (usage?.promptTokens ?? 0),
    cached_tokens: values.cached_tokens + (usage?.cachedTokens ?? 0),
    completion_tokens: values.completion_tokens + (usage?.completionTokens ?? 0),
    reasoning_tokens: values.reasoning_tokens + (usage?.reasoningTokens ?? 0),
    cost_usd: values.cost_usd + (change.costUsd ?? 0),
    bytes: values.bytes + addedBytes - replaced.bytes,
  };
}

/** In the order of CHANGING_COLUMNS. */
export function toParameters(values: ConversationValues): (string | number | null)[] {
  return CHANGING_COLUMNS.map((column) => values[column]);
}

export function toRecord(row: Omit<ConversationRow, 'number'>): ConversationRecord {
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
