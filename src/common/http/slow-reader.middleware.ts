import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { ServerSettings } from '../../config/settings.ts';
import { requestContext } from './request-context.ts';

/**
 * Disconnects a client that reads nothing of a pending response for this long, because the response stays in memory. A
 * connection without pending data may be idle.
 */
@Injectable()
export class SlowReaderMiddleware implements NestMiddleware {
  private readonly patienceMs: number;

  constructor(server: ServerSettings) {
    this.patienceMs = server.slowReaderSeconds * 1000;
  }

  use(request: Request, response: Response, next: NextFunction): void {
    const { socket } = request;
    // Data that the system has accepted counts as activity, so slow progress is progress.
    response.setTimeout(this.patienceMs, () => {
      if (socket.writableLength === 0) return;
      requestContext(request).cut = 'slow_reader';
      response.destroy();
    });
    next();
  }
}
