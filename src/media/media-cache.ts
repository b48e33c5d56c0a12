import { LRUCache } from 'lru-cache';
import type { Media } from './media-block.ts';

interface SharedLoad {
  readonly promise: Promise<Media>;
  readonly controller: AbortController;
  /** How many wait for it. */
  waiting: number;
}

export interface MediaCacheOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/**
 * What was fetched lately, so that a conversation which names a URL in its history fetches it once. A fetch that several
 * wait for is made once, and is given up when the last of them has left.
 */
export class MediaCache {
  private readonly entries: LRUCache<string, Media>;
  private readonly loads = new Map<string, SharedLoad>();

  constructor({ maxBytes, maxAgeMs }: MediaCacheOptions) {
    this.entries = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      ttl: maxAgeMs,
      // Base64 takes four characters for three bytes.
      sizeCalculation: ({ bytes }) => Math.max(1, Math.ceil((bytes * 4) / 3)),
    });
  }

  /** What is kept under a key, or else what `load` gives. Rejects with the signal's reason when that comes first. */
  async get(key: string, load: (signal: AbortSignal) => Promise<Media>, signal: AbortSignal): Promise<Media> {
    signal.throwIfAborted();
    const kept = this.entries.get(key);
    if (kept) return kept;
    const shared = this.loads.get(key) ?? this.startLoad(key, load);
    shared.waiting += 1;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(signal.reason as Error);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([shared.promise, left]);
    } finally {
      if (leave) signal.removeEventListener('abort', leave);
      shared.waiting -= 1;
      if (shared.waiting === 0 && this.loads.get(key) === shared) {
        this.loads.delete(key);
        shared.controller.abort();
      }
    }
  }

  private startLoad(key: string, load: (signal: AbortSignal) => Promise<Media>): SharedLoad {
    const controller = new AbortController();
    const promise = load(controller.signal)
      .then((media) => {
        this.entries.set(key, media);
        return media;
      })
      .finally(() => {
        if (this.loads.get(key) === shared) this.loads.delete(key);
      });
    // Whoever still waits is told by the race; nobody may.
    promise.catch(() => undefined);
    const shared: SharedLoad = { promise, controller, waiting: 0 };
    this.loads.set(key, shared);
    return shared;
  }
}
