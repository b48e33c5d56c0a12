import type { NextFunction, Request, RequestHandler, Response } from 'express';

/**
 * One middleware that runs several, each when the one before it is done, as Express would by itself. Express looks at the
 * path anew for each middleware it knows: nine of them took a tenth of the time of a short request.
 */
export function inOrder(handlers: readonly RequestHandler[]): RequestHandler {
  return (request, response, next) => runFrom(0, handlers, { request, response, leave: next });
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  /** Goes on behind all of them, or to those who answer errors. */
  readonly leave: NextFunction;
}

function runFrom(index: number, handlers: readonly RequestHandler[], exchange: Exchange): void {
  const { request, response, leave } = exchange;
  const handler = handlers[index];
  if (!handler) return leave();
  try {
    const running = handler(request, response, (error?: unknown) => {
      if (error === undefined) runFrom(index + 1, handlers, exchange);
      else leave(error);
    });
    if (running instanceof Promise) running.catch(leave);
  } catch (error) {
    leave(error);
  }
}
