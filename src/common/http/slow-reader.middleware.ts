import type { NextFunction, Request, Response } from 'express';
import { requestContext } from './request-context.ts';

/**
 * Cuts a client off that takes nothing of what waits for it for this long: its answer would stay in memory. A connection
 * on which nothing waits may be silent for as long as it takes.
 */
export function cutSlowReaders(patienceMs: number) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const { socket } = request;
    // Counts as activity what the system has taken, so that slow progress is progress.
    response.setTimeout(patienceMs, () => {
      if (socket.writableLength === 0) return;
      requestContext(request).cut = 'slow_reader';
      response.destroy();
    });
    next();
  };
}
