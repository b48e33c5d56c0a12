import type { Server } from 'node:http';
import type { Logger } from '../logging/logger.ts';

const INTERVAL_MS = 10_000;

/** Logs connections that were refused beyond the maximum: the first at once, then their number periodically. */
export function logDroppedConnections(server: Server, logger: Pick<Logger, 'warn'>): void {
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    if (dropped === 0) return;
    logger.warn({ dropped, maxConnections: server.maxConnections }, 'too many connections, some were closed');
    dropped = 0;
    timer = setTimeout(tell, INTERVAL_MS);
    timer.unref();
  };
  server.on('drop', () => {
    dropped += 1;
    if (!timer) tell();
  });
}
