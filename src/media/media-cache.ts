import { TenantCache } from '../common/tenant-cache.ts';
import type { Media } from './media-block.ts';

/** A URL and its tenant. Tenants share no entries, so that response times do not reveal the fetches of others. */
export interface MediaSource {
  readonly tenant: string;
  readonly url: string;
}

type Load = (signal: AbortSignal) => Promise<Media>;

interface SharedLoad {
  readonly promise: Promise<Media>;
  readonly controller: AbortController;
  /** The number of waiting requests. */
  waiting: number;
}

export interface MediaCacheOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/**
 * Keeps recently fetched content, so that a conversation with a URL in its history fetches it once. Concurrent requests
 * share one fetch, which is cancelled when the last of them has left.
 */
export class MediaCache {
  private readonly entries: TenantCache<Media>;
  private readonly loads = new Map<string, SharedLoad>();

  constructor({ maxBytes, maxAgeMs }: MediaCacheOptions) {
    this.entries = new TenantCache({ maxBytes, ttlMs: maxAgeMs });
  }

  /** The cached content of a URL, or the result of `load`. Rejects with the signal's reason if it is aborted first. */
  async get(source: MediaSource, load: Load, signal: AbortSignal): Promise<Media> {
    signal.throwIfAborted();
    const kept = this.entries.get(source.tenant, source.url);
    if (kept) return kept;
    const key = JSON.stringify([source.tenant, source.url]);
    const shared = this.loads.get(key) ?? this.startLoad(key, source, load);
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

  private startLoad(key: string, { tenant, url }: MediaSource, load: Load): SharedLoad {
    const controller = new AbortController();
    const promise = load(controller.signal)
      .then((media) => {
        // Base64 has four characters for three bytes.
        this.entries.set(tenant, url, media, (media.bytes * 4) / 3);
        return media;
      })
      .finally(() => {
        if (this.loads.get(key) === shared) this.loads.delete(key);
      });
    // Waiting requests get the error from the race; without one it must not count as unhandled.
    promise.catch(() => undefined);
    const shared: SharedLoad = { promise, controller, waiting: 0 };
    this.loads.set(key, shared);
    return shared;
  }
}
