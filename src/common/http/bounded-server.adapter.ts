import { createServer } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { ServerSettings } from '../../config/settings.ts';

/** How often connections are looked through for those that take too long, at most. */
const MAX_CHECK_INTERVAL_MS = 1000;
/** Shorter than the time for a whole request: headers are small. */
const MAX_HEADERS_TIMEOUT_MS = 30_000;

/** Express on a server with the bounds of the settings: header size, connections, and how long each may take. */
export class BoundedServerAdapter extends ExpressAdapter {
  constructor(private readonly settings: ServerSettings) {
    super();
  }

  override initHttpServer(): void {
    const { settings } = this;
    const requestTimeoutMs = settings.requestTimeoutSeconds * 1000;
    const server = createServer(
      {
        maxHeaderSize: settings.maxHeaderKilobytes * 1024,
        requestTimeout: requestTimeoutMs,
        headersTimeout: Math.min(requestTimeoutMs, MAX_HEADERS_TIMEOUT_MS),
        keepAliveTimeout: settings.idleConnectionSeconds * 1000,
        connectionsCheckingInterval: Math.min(requestTimeoutMs / 4, MAX_CHECK_INTERVAL_MS),
        // Told by the host guard instead, in the shape of every other error.
        requireHostHeader: false,
      },
      this.getInstance(),
    );
    server.maxConnections = settings.maxConnections;
    this.httpServer = server;
  }
}
