import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Bounds against other programs of this machine; the service's own requests stay far below. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 64;

/** A Messages API on loopback that answers every request with the same short message, free of charge. */
export class LoopbackApi {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param onRequest called with the body of each request */
  static async start(onRequest: (body: string) => void = () => undefined): Promise<LoopbackApi> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) request.destroy();
        else chunks.push(chunk);
      });
      request.on('end', () => {
        onRequest(Buffer.concat(chunks).toString('utf8'));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const event of ANSWER) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        response.end();
      });
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LoopbackApi(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Does not keep the service alive. */
  unref(): this {
    this.server.unref();
    return this;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const USAGE = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
const MESSAGE = { id: 'msg_loopback', type: 'message', role: 'assistant', model: 'loopback', content: [] };
const ANSWER: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
  { type: 'message_start', message: { ...MESSAGE, stop_reason: null, stop_sequence: null, usage: USAGE } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'noted' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: USAGE },
  { type: 'message_stop' },
];
