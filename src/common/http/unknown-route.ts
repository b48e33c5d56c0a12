import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

/** The methods of each route, as Express patterns; told when a known path is asked with another method. */
export type KnownRoutes = readonly { readonly path: RegExp; readonly methods: readonly string[] }[];

/** Answers what no route has taken: 405 for a known path, 404 otherwise. */
export function unknownRoute(routes: KnownRoutes) {
  return (request: Request, response: Response, _next: NextFunction): void => {
    const { method, path } = request;
    const known = routes.find((route) => route.path.test(path));
    if (known) {
      response.setHeader('allow', known.methods.join(', '));
      const message = `Method ${method} is not allowed for ${path}. Use ${known.methods.join(' or ')}.`;
      return writeError(response, new GatewayError(405, 'invalid_request_error', message, { code: 'method_not_allowed' }));
    }
    writeError(response, new GatewayError(404, 'invalid_request_error', `Invalid URL (${method} ${path})`, { code: 'unknown_url' }));
  };
}
