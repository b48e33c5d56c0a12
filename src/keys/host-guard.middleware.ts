import { isIP } from 'node:net';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError, invalidRequest } from '../common/errors/gateway-error.ts';
import { writeError } from '../common/errors/write-error.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { CorsSettings, ServerSettings } from '../config/settings.ts';
import { KeyRegistry } from './key-registry.ts';

/**
 * Protects a service that trusts its local address from web pages: the Host header reveals DNS rebinding, the Origin header
 * a page of another site.
 */
@Injectable()
export class HostGuardMiddleware implements NestMiddleware {
  /** Whether the service listens on loopback only. */
  private readonly isLoopback: boolean;
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  private readonly checksHost: boolean;
  /** Most requests have the same Host header. */
  private lastAllowed: string | undefined;

  constructor(
    server: ServerSettings,
    cors: CorsSettings,
    private readonly keys: KeyRegistry,
  ) {
    this.isLoopback = isLoopbackHost(server.host);
    this.hosts = new Set(server.allowedHosts.map((host) => host.toLowerCase()));
    this.origins = new Set(cors.enabled ? cors.allowedOrigins : []);
    this.checksHost = this.isLoopback || this.hosts.size > 0;
  }

  use(request: Request, response: Response, next: NextFunction): void {
    const { host, origin } = request.headers;
    if (host === undefined && request.httpVersion !== '1.0') {
      return writeError(response, invalidRequest('The request has no Host header.', undefined, 'missing_host'));
    }
    if (this.checksHost && host !== undefined && host !== this.lastAllowed) {
      if (!this.isAllowedHost(host)) {
        return writeError(response, forbidden(`Host not allowed: ${shorten(host)}.`, 'host_not_allowed'));
      }
      this.lastAllowed = host;
    }
    if (origin !== undefined && (this.isLoopback || this.keys.isOpen) && !this.isAllowedOrigin(origin)) {
      return writeError(response, forbidden(`Origin not allowed: ${shorten(origin)}.`, 'origin_not_allowed'));
    }
    next();
  }

  private isAllowedHost(host: string): boolean {
    const name = hostnameOf(`http://${host}`);
    // DNS rebinding needs a name, so a literal address is safe; probes use these.
    const isAddress = !this.isLoopback && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return this.isOwnHost(name) || isAddress;
  }

  private isAllowedOrigin(origin: string): boolean {
    if (this.origins.has('*') || this.origins.has(origin)) return true;
    return isWebPage(origin) && this.isOwnHost(hostnameOf(origin));
  }

  private isOwnHost(name: string): boolean {
    return isLoopbackHost(name) || this.hosts.has(name);
  }
}

/** Pages of applications, such as `tauri://localhost`, do not belong to servers on this machine. */
function isWebPage(origin: string): boolean {
  return /^https?:\/\//i.test(origin);
}

/** The message repeats the header, which may be long. */
function shorten(header: string): string {
  return header.slice(0, 100);
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : '';
}

function forbidden(message: string, code: string): GatewayError {
  return new GatewayError(403, message, { code });
}
