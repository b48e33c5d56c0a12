import type { NextFunction, Request, Response } from 'express';
import type { Logger } from '../logging/logger.ts';
import { sentPath } from './canonical-url.middleware.ts';
import { requestContext, type RequestContext } from './request-context.ts';
import { isHealthPath } from './service-paths.ts';

/** A request that is over. */
export interface EndedRequest {
  readonly context: RequestContext;
  readonly method: string;
  /** The pattern of the route that took it, or `unknown`. */
  readonly route: string;
  readonly status: number;
  /** `ok`, `cancelled` when the client left before the answer was complete, why it was cut off, or an error code. */
  readonly outcome: string;
  readonly totalMs: number;
}

/** Is told of each request when it comes in and when it is over. */
export interface RequestObserver {
  began(): void;
  ended(request: EndedRequest): void;
}

/** Gives each request its id, which every answer carries, and writes one line when it is over. */
export function accessLog(logger: Logger, observer: RequestObserver) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const context = requestContext(request);
    // Asked for now: a connection that has gone does not know it any more.
    const client = request.ip;
    response.setHeader('x-request-id', context.requestId);
    observer.began();
    response.once('close', () => {
      const ended = describe(context, request, response);
      tell(observer, ended, logger);
      const { path } = request;
      const sent = sentPath(request);
      logger[isHealthPath(path) ? 'debug' : 'info'](
        {
          requestId: context.requestId,
          client,
          key: context.tenant,
          method: request.method,
          path,
          ...(path !== sent && { sentPath: sent }),
          status: ended.status,
          outcome: ended.outcome,
          totalMs: Math.round(ended.totalMs),
          ...context.answer,
          ...(context.upstreamFailure && { upstreamFailure: context.upstreamFailure }),
        },
        'request',
      );
    });
    next();
  };
}

/** What observes a request must not end the service, nor keep the request's line from the log. */
function tell(observer: RequestObserver, ended: EndedRequest, logger: Logger): void {
  try {
    observer.ended(ended);
  } catch (error) {
    logger.error({ requestId: ended.context.requestId, error }, 'an ended request could not be counted');
  }
}

function describe(context: RequestContext, request: Request, response: Response): EndedRequest {
  const route = (request.route as { path?: unknown } | undefined)?.path;
  return {
    context,
    method: request.method,
    route: typeof route === 'string' ? route : 'unknown',
    status: response.statusCode,
    outcome: response.writableFinished
      ? (context.outcome ?? outcomeOf(response.statusCode))
      : (context.cut ?? 'cancelled'),
    totalMs: performance.now() - context.receivedAt,
  };
}

function outcomeOf(status: number): string {
  return status < 400 ? 'ok' : String(status);
}
