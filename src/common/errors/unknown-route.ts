import type { Request, Response } from 'express';
import { sentPath } from '../http/canonical-url.middleware.ts';
import { GatewayError } from './gateway-error.ts';
import { pathHint } from './path-hint.ts';

/** The message repeats the path, which may be as long as a header. */
const MAX_PATH_CHARACTERS = 200;

/**
 * The error for a request that no route takes: 405 if its path has other methods, else 404. Both messages say what to
 * change.
 * @param allowed the methods of the path
 */
export function unknownRoute(request: Request, response: Response, allowed: readonly string[]): GatewayError {
  const { method } = request;
  const path = sentPath(request).slice(0, MAX_PATH_CHARACTERS);
  const hint = pathHint(sentPath(request));
  if (allowed.length === 0) {
    const message = `Invalid URL (${method} ${path}). ${hint}`;
    return new GatewayError(404, message, { code: 'unknown_url' });
  }
  response.setHeader('allow', allowed.join(', '));
  const isRoot = request.path === '/' || request.path === '/v1';
  const message = `Not allowed to ${method} on ${path}. ${isRoot ? hint : `Use ${allowed.join(' or ')}.`}`;
  return new GatewayError(405, message, { code: 'method_not_supported' });
}
