import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

/** Whether there is anything to read; an empty body is none. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Refuses a body that is not JSON before anything of it is read. */
export function requireJson(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['content-type'];
  if (hasBody(request) && given !== 'application/json' && !request.is(['application/json', 'application/*+json'])) {
    const message = `Unsupported content type${given === undefined ? '' : `: ${given}`}. Send the body as application/json.`;
    return writeError(
      response,
      new GatewayError(415, 'invalid_request_error', message, { code: 'unsupported_content_type' }),
    );
  }
  next();
}
