import { isIP } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { isLoopbackHost } from '../../config/loopback.ts';
import { GatewayError, invalidRequest } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

export interface HostGuardOptions {
  /** Whether the service can be reached from this machine only. */
  readonly isLoopback: boolean;
  /** Whether everybody who reaches the service may use it, at the moment. */
  readonly isOpen: () => boolean;
  /** Names, beside this machine's own, under which the service may be asked for. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may use it, or `*`. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Keeps web pages away from a service that trusts where it is asked from: a name that was rebound to its address is told
 * by the Host header, a page of another site by its Origin.
 */
export function hostGuard({ isLoopback, isOpen, allowedHosts, allowedOrigins }: HostGuardOptions) {
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const origins = new Set(allowedOrigins);
  const checksHost = isLoopback || hosts.size > 0;
  const isOwnHost = (name: string): boolean => isLoopbackHost(name) || hosts.has(name);
  const isAllowed = (host: string): boolean => {
    const name = hostnameOf(`http://${host}`);
    // An address is no name that somebody could bind to it: probes ask for those.
    const isAddress = !isLoopback && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return isOwnHost(name) || isAddress;
  };
  // Nearly every request asks for the same one.
  let lastAllowed: string | undefined;
  return (request: Request, response: Response, next: NextFunction): void => {
    const { host, origin } = request.headers;
    if (host === undefined && request.httpVersion !== '1.0') {
      return writeError(response, invalidRequest('The request has no Host header.', undefined, 'missing_host'));
    }
    if (checksHost && host !== undefined && host !== lastAllowed) {
      if (!isAllowed(host)) {
        return writeError(response, forbidden(`Host not allowed: ${shorten(host)}.`, 'host_not_allowed'));
      }
      lastAllowed = host;
    }
    if ((isLoopback || isOpen()) && origin !== undefined && !origins.has('*') && !origins.has(origin)) {
      if (!isWebPage(origin) || !isOwnHost(hostnameOf(origin))) {
        return writeError(response, forbidden(`Origin not allowed: ${shorten(origin)}.`, 'origin_not_allowed'));
      }
    }
    next();
  };
}

/** An application's pages, as those of `tauri://localhost`, are no pages of this machine's servers. */
function isWebPage(origin: string): boolean {
  return /^https?:\/\//i.test(origin);
}

/** A header comes back in a message, and may be long. */
function shorten(header: string): string {
  return header.slice(0, 100);
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : '';
}

function forbidden(message: string, code: string): GatewayError {
  return new GatewayError(403, message, { code });
}
