import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on loopback that serves what a test gives it, and counts. */
export class MediaServer {
  /** The paths that were asked for, in order. */
  readonly requested: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  private readonly routes = new Map<string, Route>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const path = request.url ?? '/';
      this.requested.push(path);
      this.headers.push(request.headers);
      const route = this.routes.get(path);
      if (route) route(request, response);
      else response.writeHead(404).end('nothing here');
    });
  }

  static async start(): Promise<MediaServer> {
    const server = new MediaServer();
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Serves a body, and returns its URL. */
  serve(path: string, body: Buffer | string, headers: Record<string, string> = {}): string {
    return this.route(path, (_request, response) => response.writeHead(200, headers).end(body));
  }

  redirect(path: string, location: string, status = 302): string {
    return this.route(path, (_request, response) => response.writeHead(status, { location }).end('moved'));
  }

  route(path: string, route: Route): string {
    this.routes.set(path, route);
    return `${this.origin}${path}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
