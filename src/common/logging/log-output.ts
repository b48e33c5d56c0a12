import { pino, type DestinationStream } from 'pino';

/** Buffered lines beyond this are dropped if nothing reads them. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Standard output for log lines. If it fails or stalls, lines are lost, but the service continues. */
export function logOutput(): DestinationStream {
  // Flushes the buffer at exit.
  const stdout = pino.destination({ sync: false, maxLength: MAX_WAITING_BYTES });
  const flush = stdout.flushSync.bind(stdout);
  let isFailing = false;
  stdout.on('error', () => (isFailing = true));
  stdout.on('write', () => (isFailing = false));
  // At exit a failing flush would retry forever.
  stdout.flushSync = () => {
    if (!isFailing) flush();
  };
  return stdout;
}
