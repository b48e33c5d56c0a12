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
      // As for Express, null is no error.
      if (error) leave(failureOf(error));
      else runFrom(index + 1, handlers, exchange);
    });
    if (running instanceof Promise) running.catch((error: unknown) => leave(failureOf(error)));
  } catch (error) {
    leave(failureOf(error));
  }
}

/** Never what Express takes for none, as it does texts like `route`: what comes next must not run. */
function failureOf(error: unknown): Error {
  return error instanceof Error ? error : new Error('a middleware failed without an error', { cause: error });
}
