import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from './common/errors/gateway-error.ts';
import { writeError } from './common/errors/write-error.ts';
import { isApiPath } from './common/http/service-paths.ts';
import { ProcessPoolService } from './process-pool/process-pool.service.ts';

/** By then another instance, or the restarted one, accepts requests. */
const RETRY_AFTER_SECONDS = 5;

/**
 * During the drain, refuses API requests and closes their connections, on which clients would otherwise send the next
 * request. Runs after the body parser, since closing with an unread body can lose the response.
 */
@Injectable()
export class DrainMiddleware implements NestMiddleware {
  constructor(private readonly pool: ProcessPoolService) {}

  use(request: Request, response: Response, next: NextFunction): void {
    if (!isApiPath(request.path) || !this.pool.isDraining) return next();
    response.setHeader('connection', 'close');
    const message = 'The service is shutting down. Please try again.';
    writeError(
      response,
      new GatewayError(503, message, {
        code: 'draining',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      }),
    );
  }
}
