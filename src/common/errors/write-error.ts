import type { Response } from 'express';
import { requestContext } from '../http/request-context.ts';
import type { GatewayError } from './gateway-error.ts';

/**
 * Answers with an error, and notes it as the outcome of the request. Where the answer has begun already, the connection
 * is cut so that nobody takes it for whole.
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
