import type { NextFunction, Request, Response } from 'express';
import type { Logger } from '../logging/logger.ts';
import { requestContext } from './request-context.ts';

/** Gives each request its id, which every answer carries, and writes one line when it has been answered. */
export function accessLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const context = requestContext(request);
    response.setHeader('x-request-id', context.requestId);
    response.once('close', () => {
      const isHealth = request.path.startsWith('/health');
      logger[isHealth ? 'debug' : 'info'](
        {
          requestId: context.requestId,
          key: context.tenant,
          method: request.method,
          path: request.path,
          status: response.statusCode,
          outcome: context.outcome ?? (response.writableFinished ? 'ok' : 'cancelled'),
          durationMs: Math.round(performance.now() - context.receivedAt),
          ...context.details,
        },
        'request',
      );
    });
    next();
  };
}
