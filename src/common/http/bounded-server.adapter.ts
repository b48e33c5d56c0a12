import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { ServerSettings } from '../../config/settings.ts';
import { originForm } from './origin-form.ts';

/** The maximum interval of checks for connections that take too long. */
const MAX_CHECK_INTERVAL_MS = 1000;
/** Shorter than the timeout of a whole request: headers are small. */
const MAX_HEADERS_TIMEOUT_MS = 30_000;
/** The interval of checks for idle connections during shutdown. */
const CLOSE_INTERVAL_MS = 100;

/** Express on a server with the configured limits: header size, number of connections, and timeouts. */
export class BoundedServerAdapter extends ExpressAdapter {
  /** Connections without a request yet. Clients open some in advance, and Node does not count them as idle. */
  private readonly unused = new Set<Socket>();

  constructor(private readonly settings: ServerSettings) {
    super();
    const { router } = this.getInstance<{ router: { caseSensitive: boolean } }>();
    router.caseSensitive = true;
  }

  override initHttpServer(): void {
    const { settings } = this;
    // Node accepts whole milliseconds only.
    const requestTimeoutMs = Math.ceil(settings.requestTimeoutSeconds * 1000);
    const server = createServer(
      {
        maxHeaderSize: settings.maxHeaderKilobytes * 1024,
        requestTimeout: requestTimeoutMs,
        headersTimeout: Math.min(requestTimeoutMs, MAX_HEADERS_TIMEOUT_MS),
        keepAliveTimeout: Math.ceil(settings.idleConnectionSeconds * 1000),
        connectionsCheckingInterval: Math.min(Math.ceil(requestTimeoutMs / 4), MAX_CHECK_INTERVAL_MS),
        // The host guard checks it, with the usual error format.
        requireHostHeader: false,
      },
      inOriginForm(this.getInstance<RequestListener>()),
    );
    server.maxConnections = settings.maxConnections;
    server.on('connection', (socket) => {
      this.unused.add(socket);
      socket.once('close', () => this.unused.delete(socket));
    });
    server.on('request', ({ socket }) => this.unused.delete(socket));
    this.httpServer = server;
  }

  /** Resolves when the last connection has closed. Connections with a request close after its end. */
  override async close(): Promise<void> {
    const closed = super.close();
    const closeIdle = (): void => {
      this.httpServer.closeIdleConnections();
      for (const socket of this.unused) socket.destroy();
    };
    closeIdle();
    const timer = setInterval(closeIdle, CLOSE_INTERVAL_MS);
    await closed;
    clearInterval(timer);
  }
}

/** Express responds to an unreadable target without running any middleware, so it must not see one. */
function inOriginForm(listener: RequestListener): RequestListener {
  return (request, response) => {
    request.url = originForm(request.url ?? '/');
    listener(request, response);
  };
}
