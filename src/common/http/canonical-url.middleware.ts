import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { canonicalPath } from './canonical-path.ts';

/** Paths that need no look. */
const CANONICAL = new Set([
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/messages',
  '/v1/models',
  '/health/live',
  '/health/ready',
]);

/**
 * Gives a request the canonical form of its path. It stands before everything that looks at a path. What the client sent
 * stays in `originalUrl`.
 */
@Injectable()
export class CanonicalUrlMiddleware implements NestMiddleware {
  use(request: Request, _response: Response, next: NextFunction): void {
    if (!CANONICAL.has(request.url)) {
      const { path } = request;
      const canonical = canonicalPath(path);
      if (canonical !== path) {
        const query = request.url.indexOf('?');
        request.url = canonical + (query === -1 ? '' : request.url.slice(query));
      }
    }
    next();
  }
}

/** The path as the client sent it. */
export function sentPath({ originalUrl }: Request): string {
  const query = originalUrl.indexOf('?');
  return query === -1 ? originalUrl : originalUrl.slice(0, query);
}
