import { pino, type DestinationStream } from 'pino';

/** Where nobody takes them, lines beyond this are dropped instead of filling the memory. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Standard output, for log lines. One that fails or stalls costs lines, not the service. */
export function logOutput(): DestinationStream {
  // What waits when the process exits is written then.
  const stdout = pino.destination({ sync: false, maxLength: MAX_WAITING_BYTES });
  const flush = stdout.flushSync.bind(stdout);
  let isFailing = false;
  stdout.on('error', () => (isFailing = true));
  stdout.on('write', () => (isFailing = false));
  // At exit it would be tried for ever.
  stdout.flushSync = () => {
    if (!isFailing) flush();
  };
  return stdout;
}
