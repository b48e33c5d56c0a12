import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { canonicalPath } from './canonical-path.ts';

/** Paths that are canonical already. */
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
 * Replaces the path of a request by its canonical form. Runs before everything that uses the path. `originalUrl` keeps the
 * client's path.
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
