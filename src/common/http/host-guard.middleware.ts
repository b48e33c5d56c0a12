import type { NextFunction, Request, Response } from 'express';
import { isLoopbackHost } from '../../config/loopback.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

/**
 * Keeps web pages away from a service that trusts everybody on this machine: a name that was rebound to a loopback
 * address is told by its Host header, a page of another site by its Origin.
 */
export function hostGuard(request: Request, response: Response, next: NextFunction): void {
  const { host, origin } = request.headers;
  if (host !== undefined && !isLoopbackHost(hostnameOf(`http://${host}`))) {
    return writeError(response, forbidden('This service answers requests for this machine only.', 'host_not_allowed'));
  }
  if (origin !== undefined && !isLoopbackHost(hostnameOf(origin))) {
    return writeError(response, forbidden('Web pages of other sites cannot use this service.', 'origin_not_allowed'));
  }
  next();
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function forbidden(message: string, code: string): GatewayError {
  return new GatewayError(403, 'invalid_request_error', message, { code });
}
