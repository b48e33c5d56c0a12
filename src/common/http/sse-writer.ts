import type { Response } from 'express';
import { requestContext } from './request-context.ts';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform',
  // Asks proxies like nginx not to buffer the stream.
  'x-accel-buffering': 'no',
};

/** More than a long answer takes; a client with this backlog is not reading. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

/**
 * Writes server-sent events. Sends nothing before the first event or `open`, so that an earlier failure can still be an
 * HTTP error. Events of the same turn of the event loop are sent together. After the first, comments keep a silent
 * connection alive until the end. Disconnects a client that does not read: the response then closes, as if the client had
 * left.
 */
export class SseWriter {
  private keepAlive: NodeJS.Timeout | undefined;
  private isOpen = false;
  /** Data for the end of this turn of the event loop. */
  private waiting = '';

  constructor(
    private readonly response: Response,
    private readonly keepAliveMs: number,
    private readonly maxBacklogBytes = MAX_BACKLOG_BYTES,
  ) {}

  get hasBegun(): boolean {
    return this.isOpen;
  }

  /** Sends status 200, the headers and a comment, before any event. */
  open(): void {
    if (this.isOpen) return;
    this.begin();
    this.comment();
  }

  /** Sets status 200 and the headers, to be sent with the first data. */
  private begin(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.response.socket?.setNoDelay(true);
    this.response.writeHead(200, HEADERS);
    this.keepAlive = setInterval(() => this.comment(), this.keepAliveMs);
  }

  /**
   * Sends one event.
   *
   * @param data without line breaks
   * @param name the type of the event, which some APIs require
   */
  event(data: string, name?: string): void {
    this.begin();
    this.keepAlive?.refresh();
    this.write(name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`);
  }

  /** Ends the stream. */
  end(): void {
    this.begin();
    this.stop();
    this.flush();
    this.response.end();
  }

  /** Stops the keep-alive comments, however the stream ended. */
  stop(): void {
    clearInterval(this.keepAlive);
  }

  /** While data is pending, the connection is not silent. */
  private comment(): void {
    if (!this.response.writableNeedDrain) this.write(': keep-alive\n\n');
  }

  private write(text: string): void {
    if (this.waiting === '') setImmediate(() => this.flush());
    this.waiting += text;
  }

  private flush(): void {
    const text = this.waiting;
    this.waiting = '';
    if (text === '' || this.response.writableEnded || this.response.destroyed) return;
    this.response.write(text);
    if (this.response.writableLength > this.maxBacklogBytes) {
      requestContext(this.response.req).cut = 'slow_reader';
      this.response.destroy();
    }
  }
}
