import type { Response } from 'express';
import { requestContext } from '../http/request-context.ts';
import type { GatewayError } from './gateway-error.ts';

/**
 * Responds with an error, and records it as the outcome of the request. If the response has already begun, closes the
 * connection so that the client notices the failure.
 */
export function writeError(response: Response, error: GatewayError): void {
  const context = requestContext(response.req);
  context.outcome = error.outcome;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error.retryAfterSeconds !== undefined)
    response.setHeader('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
  response.status(error.status).json(context.errorFormat.body(error, context.requestId));
}
