import { join } from 'node:path';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '../common/logging/logger.ts';
import { ClaudeSettings, ConversationSettings, StorageSettings } from '../config/settings.ts';
import type { ConversationRecord, ConversationStore, StoredResponse } from './store/conversation-store.ts';
import { deleteExpired } from './store/expiry.ts';
import { isConversationId } from './store/ids.ts';
import { MemoryConversationStore } from './store/memory-conversation-store.ts';
import { SqliteConversationStore } from './store/sqlite-conversation-store.ts';
import { SqliteDatabase } from './store/sqlite-database.ts';
import { StorageUnavailableError, type StorageProblem } from './store/storage-unavailable-error.ts';

/** A conversation and where it is kept. */
export interface FoundConversation {
  readonly record: ConversationRecord;
  readonly store: ConversationStore;
}

/** A response, and the conversation that it is a point of. */
export interface FoundResponse extends FoundConversation {
  readonly response: StoredResponse;
}

const FILE = 'conversations.db';
const MAX_SWEEP_INTERVAL_MS = 60_000;

/** Where conversations are kept: on disk, or, for those that must not be there, in memory. */
@Injectable()
export class ConversationStores implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly stored: SqliteConversationStore;
  readonly unstored: MemoryConversationStore;
  /** The lifetime of a conversation after its last change. */
  readonly timeoutMs: number;
  private readonly database: SqliteDatabase;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    storage: StorageSettings,
    settings: ConversationSettings,
    claude: ClaudeSettings,
    private readonly logger: Logger,
  ) {
    this.timeoutMs = settings.sessionTimeoutMinutes * 60_000;
    const { timeoutMs } = this;
    const graceMs = (claude.timeoutSeconds + settings.queueTimeoutSeconds) * 1000;
    this.database = new SqliteDatabase(join(storage.path, FILE));
    const bounds = { timeoutMs, graceMs, maxConversationMegabytes: settings.maxMegabytes };
    this.stored = new SqliteConversationStore(this.database, bounds);
    this.unstored = new MemoryConversationStore({
      ...bounds,
      maxCount: settings.unstoredMaxCount,
      maxBytes: settings.unstoredMaxMegabytes * 1024 * 1024,
    });
  }

  onApplicationBootstrap(): void {
    this.sweeping = this.sweep();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.sweeping;
    await this.database.close();
  }

  /** Why what is on disk cannot be used, if so. */
  get problem(): StorageProblem | undefined {
    return this.database.problem?.problem;
  }

  /** Undefined when the tenant has no such conversation. */
  async find(tenant: string, id: string): Promise<FoundConversation | undefined> {
    if (!isConversationId(id)) return undefined;
    for (const store of [this.unstored, this.stored]) {
      const record = await store.get(tenant, id);
      if (record) return { record, store };
    }
    return undefined;
  }

  /** Undefined when the tenant has no such response. */
  async findResponse(tenant: string, id: string): Promise<FoundResponse | undefined> {
    for (const store of [this.unstored, this.stored]) {
      const response = await store.response(tenant, id);
      const record = response && (await store.get(tenant, response.conversationId));
      if (record) return { response, record, store };
    }
    return undefined;
  }

  /** Has what was deleted overwritten. Not awaited by anybody: it waits for the disk. */
  scrub(): void {
    this.database.scrub().catch((error: unknown) => this.logOrThrow(error));
  }

  /** Logs that the storage failed; throws any other error again. */
  logOrThrow(error: unknown): void {
    if (!(error instanceof StorageUnavailableError)) throw error;
    this.logger.error({ error, problem: error.problem }, 'conversations cannot be stored');
  }

  private async sweep(): Promise<void> {
    const began = performance.now();
    try {
      await this.unstored.sweep(this.stopping.signal);
      const deleted = await deleteExpired(this.stored, this.database, this.stopping.signal);
      const totalMs = Math.round(performance.now() - began);
      if (deleted > 0) this.logger.info({ deleted, totalMs }, 'deleted conversations that had expired');
    } catch (error) {
      this.logOrThrow(error);
    }
    if (this.stopping.signal.aborted) return;
    const intervalMs = Math.min(MAX_SWEEP_INTERVAL_MS, this.timeoutMs / 2);
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep();
    }, intervalMs);
    this.timer.unref();
  }
}
