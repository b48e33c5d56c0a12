import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from './common/errors/gateway-error.ts';
import { writeError } from './common/errors/write-error.ts';
import { isApiPath } from './common/http/service-paths.ts';
import { ProcessPoolService } from './process-pool/process-pool.service.ts';

/** By then, another instance or the next one will have taken over. */
const RETRY_AFTER_SECONDS = 5;

/**
 * While the service stops, refuses what the API is asked for and asks clients to leave the connection: over it they would
 * come back here. It stands behind the parser, since closing on a body that was not read can lose the answer.
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
