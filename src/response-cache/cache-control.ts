/** How a request may use the cache. */
export interface CacheControl {
  readonly reads: boolean;
  readonly stores: boolean;
}

/**
 * Parses the Cache-Control header of a request: `no-cache` requests a new answer, which may be stored; with `no-store` it
 * is not stored either. Other directives are ignored.
 */
export function parseCacheControl(header: string | undefined): CacheControl {
  if (header === undefined) return { reads: true, stores: true };
  const directives = new Set(header.split(',').map((directive) => directive.trim().toLowerCase()));
  const stores = !directives.has('no-store');
  return { reads: stores && !directives.has('no-cache'), stores };
}
