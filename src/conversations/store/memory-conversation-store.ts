import type { ChangedConversation, ConversationChange } from './conversation-store.ts';
import { deleteExpired } from './expiry.ts';
import { IN_MEMORY, SqliteDatabase } from './sqlite-database.ts';
import { SqliteConversationStore, type SqliteConversationStoreOptions } from './sqlite-conversation-store.ts';

export interface MemoryConversationStoreOptions extends SqliteConversationStoreOptions {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/**
 * Conversations in memory, never on disk. Where they are too many or too large together, the tenant that holds the most
 * loses those that it used least recently.
 */
export class MemoryConversationStore extends SqliteConversationStore {
  private readonly memory: SqliteDatabase;

  constructor(private readonly bounds: MemoryConversationStoreOptions) {
    const memory = new SqliteDatabase(IN_MEMORY);
    super(memory, bounds);
    this.memory = memory;
  }

  override async create(tenant: string, id: string, change: ConversationChange): Promise<ChangedConversation> {
    const created = await super.create(tenant, id, change);
    this.makeRoom();
    return created;
  }

  override async change(
    tenant: string,
    id: string,
    change: ConversationChange,
  ): Promise<ChangedConversation | undefined> {
    const changed = await super.change(tenant, id, change);
    this.makeRoom();
    return changed;
  }

  /** See `deleteExpired`. */
  sweep(signal: AbortSignal): Promise<number> {
    return deleteExpired(this, this.memory, signal);
  }

  private makeRoom(): void {
    const evict = (measure: 'conversations' | 'bytes'): boolean => {
      const oldest = this.leastRecentOfLargest(measure);
      if (oldest !== undefined) this.deleteNumbers([oldest]);
      return oldest !== undefined;
    };
    while (this.count > this.bounds.maxCount && evict('conversations'));
    while (this.memory.usedBytes > this.bounds.maxBytes && evict('bytes'));
  }
}
