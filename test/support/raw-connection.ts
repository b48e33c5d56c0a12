import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitFor } from './wait-for.ts';

/** A connection to a service, byte for byte: for what no HTTP client would send. */
export class RawConnection {
  received = '';
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.received += text));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.isClosed = true));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    const connection = new RawConnection(socket);
    await once(socket, 'connect');
    return connection;
  }

  send(text: string): this {
    if (this.socket.writable) this.socket.write(text);
    return this;
  }

  /** Resolves with all that came once the other side has closed. */
  async closed(timeoutMs?: number): Promise<string> {
    await waitFor('the end of the connection', () => this.isClosed, timeoutMs);
    return this.received;
  }

  /** The status of the first answer; 0 while none has come. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.received)?.[1] ?? 0);
  }

  /** The body of the first answer, as far as it has come. */
  get body(): string {
    return this.received.slice(this.received.indexOf('\r\n\r\n') + 4);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
