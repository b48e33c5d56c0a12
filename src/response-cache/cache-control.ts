/** What a client allows the cache to do with its request. */
export interface CacheControl {
  readonly reads: boolean;
  readonly stores: boolean;
}

/**
 * Reads the header Cache-Control of a request: `no-cache` wants a new answer, which may be kept for others; `no-store`
 * wants neither. Other directives say nothing to this cache.
 */
export function parseCacheControl(header: string | undefined): CacheControl {
  if (header === undefined) return { reads: true, stores: true };
  const directives = new Set(header.split(',').map((directive) => directive.trim().toLowerCase()));
  const stores = !directives.has('no-store');
  return { reads: stores && !directives.has('no-cache'), stores };
}
