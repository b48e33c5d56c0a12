import type { Response } from 'express';
import type { CacheStatus } from '../response-cache/cache-figures.ts';

/** Says in headers how the cache served a request; of a stream whose headers are out already, nothing can be said. */
export function writeCacheHeaders(response: Response, status: CacheStatus): void {
  if (response.headersSent) return;
  response.setHeader('x-cache', status);
  if (status === 'hit') response.setHeader('x-claude-code-cost-usd', (0).toFixed(6));
}
