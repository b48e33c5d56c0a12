import { once } from 'node:events';
import type { Response } from 'express';
import type { ErrorBody } from '../errors/gateway-error.ts';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Asks nginx and its like not to collect the stream.
  'x-accel-buffering': 'no',
};

/**
 * Writes server-sent events. Nothing is sent before `open`, so that an earlier failure can still be an HTTP error.
 * After `open`, comments keep a silent connection alive until `end`.
 */
export class SseWriter {
  private keepAlive: NodeJS.Timeout | undefined;
  private isOpen = false;

  constructor(
    private readonly response: Response,
    private readonly keepAliveMs: number,
  ) {}

  get hasBegun(): boolean {
    return this.isOpen;
  }

  /** Commits status 200 and the headers, once. */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.response.socket?.setNoDelay(true);
    this.response.writeHead(200, HEADERS);
    this.response.flushHeaders();
    this.keepAlive = setInterval(() => this.write(': keep-alive\n\n'), this.keepAliveMs);
  }

  /** Sends one event whose data is JSON already. */
  data(json: string): void {
    this.open();
    this.keepAlive?.refresh();
    this.write(`data: ${json}\n\n`);
  }

  /** Whether the client takes the data more slowly than it comes. */
  get isCongested(): boolean {
    return this.response.writableNeedDrain;
  }

  /** Resolves when a slow client has caught up or gone. */
  async drained(): Promise<void> {
    if (!this.isCongested || this.response.destroyed) return;
    const gone = new AbortController();
    await Promise.race([
      once(this.response, 'drain', { signal: gone.signal }),
      once(this.response, 'close', { signal: gone.signal }),
    ]);
    gone.abort();
  }

  /** Ends a stream that is complete. */
  done(): void {
    this.write('data: [DONE]\n\n');
    this.end();
  }

  /** Ends a stream that failed on the way: one error event, and no `[DONE]`. */
  error(body: ErrorBody): void {
    this.data(JSON.stringify(body));
    this.end();
  }

  /** Stops the keep-alive comments, whatever became of the stream. */
  stop(): void {
    clearInterval(this.keepAlive);
  }

  private end(): void {
    this.stop();
    this.response.end();
  }

  private write(text: string): void {
    if (!this.response.writableEnded && !this.response.destroyed) this.response.write(text);
  }
}
