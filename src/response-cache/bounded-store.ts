import { Injectable } from '@nestjs/common';
import { TenantCache } from '../common/tenant-cache.ts';
import { CacheSettings } from '../config/settings.ts';
import { tenantOf } from './response-cache-key.ts';
import type { StoredAnswer } from './stored-answer.ts';

/** Keyv's form of an entry: the value and its expiry. */
export interface StoredEntry {
  readonly value: StoredAnswer;
  readonly expires?: number;
}

/** The size of an entry besides its value: its key and table slots. */
const ENTRY_OVERHEAD_BYTES = 512;

/** Keeps the cache entries, in the memory of this process. */
@Injectable()
export class BoundedStore {
  private readonly entries: TenantCache<StoredEntry>;

  constructor(settings: CacheSettings) {
    this.entries = new TenantCache({
      maxEntries: settings.maxEntries,
      maxBytes: settings.maxMegabytes * 1024 * 1024,
      ttlMs: settings.ttlSeconds * 1000,
    });
  }

  get(key: string): StoredEntry | undefined {
    return this.entries.get(tenantOf(key), key);
  }

  set(key: string, entry: StoredEntry): void {
    this.entries.set(tenantOf(key), key, entry, entry.value.bytes + ENTRY_OVERHEAD_BYTES);
  }

  delete(key: string): boolean {
    return this.entries.delete(tenantOf(key), key);
  }

  clear(): void {
    this.entries.clear();
  }

  get count(): number {
    return this.entries.count;
  }

  get bytes(): number {
    return this.entries.bytes;
  }

  /** Entries that were evicted for others. */
  get evictionCount(): number {
    return this.entries.evictionCount;
  }
}
