import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Logger } from '../logging/logger.ts';
import { sentPath } from './canonical-url.middleware.ts';
import { requestContext, type RequestContext } from './request-context.ts';
import { isHealthPath } from './service-paths.ts';

/** A completed request. */
export interface EndedRequest {
  readonly context: RequestContext;
  readonly method: string;
  /** The pattern of its route, or `unknown`. */
  readonly route: string;
  readonly status: number;
  /** `ok`, `cancelled` if the client disconnected early, the reason for a cut, or an error code. */
  readonly outcome: string;
  readonly totalMs: number;
}

/** Observes the beginning and end of each request. */
export abstract class RequestObserver {
  abstract began(): void;
  abstract ended(request: EndedRequest): void;
}

/** Gives each request an id, which every response carries, and logs one line at its end. */
@Injectable()
export class AccessLogMiddleware implements NestMiddleware {
  constructor(
    private readonly logger: Logger,
    private readonly observer: RequestObserver,
  ) {}

  use(request: Request, response: Response, next: NextFunction): void {
    const context = requestContext(request);
    // Read it now: a closed connection no longer has it.
    const client = request.ip;
    response.setHeader('x-request-id', context.requestId);
    this.observer.began();
    response.once('close', () => this.end(context, client, request, response));
    next();
  }

  private end(context: RequestContext, client: string | undefined, request: Request, response: Response): void {
    const ended = describe(context, request, response);
    this.notifyObserver(ended);
    const { path } = request;
    const sent = sentPath(request);
    this.logger[isHealthPath(path) ? 'debug' : 'info'](
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
  }

  /** Catches an observer's exception: it must end neither the service nor the request's log line. */
  private notifyObserver(ended: EndedRequest): void {
    try {
      this.observer.ended(ended);
    } catch (error) {
      this.logger.error({ requestId: ended.context.requestId, error }, 'an ended request could not be counted');
    }
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
