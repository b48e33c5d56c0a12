import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CacheSettings } from '../config/settings.ts';
import type { StoredAnswer } from './stored-answer.ts';

/** What Keyv hands over: the value of an entry and when it expires. */
export interface StoredEntry {
  readonly value: StoredAnswer;
  readonly expires?: number;
}

/** What an entry takes beside its value: its key and places in tables. */
const ENTRY_OVERHEAD_BYTES = 512;

/**
 * Where the entries of the cache are: in the memory of this process, bounded in number and size, the least recently used
 * go first. What has expired is dropped without being asked for.
 */
@Injectable()
export class BoundedStore {
  private readonly entries: LRUCache<string, StoredEntry>;
  private evictions = 0;

  constructor(settings: CacheSettings) {
    this.entries = new LRUCache({
      max: settings.maxEntries,
      maxSize: Math.ceil(settings.maxMegabytes * 1024 * 1024),
      sizeCalculation: ({ value }) => value.bytes + ENTRY_OVERHEAD_BYTES,
      ttl: Math.ceil(settings.ttlSeconds * 1000),
      ttlAutopurge: true,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.evictions += 1;
      },
    });
  }

  get(key: string): StoredEntry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: StoredEntry): void {
    this.entries.set(key, entry);
  }

  delete(key: string): boolean {
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  get count(): number {
    return this.entries.size;
  }

  get bytes(): number {
    return this.entries.calculatedSize;
  }

  /** Entries that had to go for others. */
  get evictionCount(): number {
    return this.evictions;
  }
}
