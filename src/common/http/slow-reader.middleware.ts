import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { ServerSettings } from '../../config/settings.ts';
import { requestContext } from './request-context.ts';

/**
 * Cuts a client off that takes nothing of what waits for it for this long: its answer would stay in memory. A connection
 * on which nothing waits may be silent for as long as it takes.
 */
@Injectable()
export class SlowReaderMiddleware implements NestMiddleware {
  private readonly patienceMs: number;

  constructor(server: ServerSettings) {
    this.patienceMs = server.slowReaderSeconds * 1000;
  }

  use(request: Request, response: Response, next: NextFunction): void {
    const { socket } = request;
    // Counts as activity what the system has taken, so that slow progress is progress.
    response.setTimeout(this.patienceMs, () => {
      if (socket.writableLength === 0) return;
      requestContext(request).cut = 'slow_reader';
      response.destroy();
    });
    next();
  }
}
