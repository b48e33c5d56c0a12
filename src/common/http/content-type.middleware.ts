import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

/** Refuses a body that is not JSON before anything of it is read. */
export function requireJson(request: Request, response: Response, next: NextFunction): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  const given = request.headers['content-type'];
  if (hasBody && given !== 'application/json' && !request.is(['application/json', 'application/*+json'])) {
    const message = `Unsupported content type${given === undefined ? '' : `: ${given}`}. Send the body as application/json.`;
    return writeError(
      response,
      new GatewayError(415, 'invalid_request_error', message, { code: 'unsupported_content_type' }),
    );
  }
  next();
}
