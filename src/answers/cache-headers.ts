import type { Response } from 'express';
import type { CacheStatus } from '../response-cache/cache-figures.ts';

/** Sets the headers that say how the cache served a request; does nothing once a stream has sent its headers. */
export function writeCacheHeaders(response: Response, status: CacheStatus): void {
  if (response.headersSent) return;
  response.setHeader('x-cache', status);
  if (status === 'hit') response.setHeader('x-claude-code-cost-usd', (0).toFixed(6));
}
