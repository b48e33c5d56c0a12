import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { ServerSettings } from '../../config/settings.ts';
import { originForm } from './origin-form.ts';

/** How often connections are looked through for those that take too long, at most. */
const MAX_CHECK_INTERVAL_MS = 1000;
/** Shorter than the time for a whole request: headers are small. */
const MAX_HEADERS_TIMEOUT_MS = 30_000;
/** How often connections are looked through for those that may be closed, once the service is to end. */
const CLOSE_INTERVAL_MS = 100;

/** Express on a server with the bounds of the settings: header size, connections, and how long each may take. */
export class BoundedServerAdapter extends ExpressAdapter {
  /** Connections on which nothing was asked yet. Clients open some ahead of need, and Node does not call them idle. */
  private readonly unused = new Set<Socket>();

  constructor(private readonly settings: ServerSettings) {
    super();
    const { router } = this.getInstance<{ router: { caseSensitive: boolean } }>();
    router.caseSensitive = true;
  }

  override initHttpServer(): void {
    const { settings } = this;
    // Node takes whole milliseconds only.
    const requestTimeoutMs = Math.ceil(settings.requestTimeoutSeconds * 1000);
    const server = createServer(
      {
        maxHeaderSize: settings.maxHeaderKilobytes * 1024,
        requestTimeout: requestTimeoutMs,
        headersTimeout: Math.min(requestTimeoutMs, MAX_HEADERS_TIMEOUT_MS),
        keepAliveTimeout: Math.ceil(settings.idleConnectionSeconds * 1000),
        connectionsCheckingInterval: Math.min(Math.ceil(requestTimeoutMs / 4), MAX_CHECK_INTERVAL_MS),
        // Told by the host guard instead, in the shape of every other error.
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

  /** Resolves when the last connection has gone. Those that carry a request go on to its end, and are closed then. */
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

/** Express answers a target that it cannot read without running a single middleware, so it never sees one. */
function inOriginForm(listener: RequestListener): RequestListener {
  return (request, response) => {
    request.url = originForm(request.url ?? '/');
    listener(request, response);
  };
}
