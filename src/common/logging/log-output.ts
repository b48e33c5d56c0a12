import { pino } from 'pino';

/** Lines are written together, since a write takes longer than what is written. */
const TOGETHER_BYTES = 8192;
/** No line waits longer for others. */
const LONGEST_WAIT_MS = 100;
/** Where nobody takes them, lines beyond this are dropped instead of filling the memory. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Standard output, for log lines. One that fails or stalls costs lines, never the service. */
export class LogOutput {
  // What waits when the process exits is written then.
  private readonly stdout = pino.destination({
    sync: false,
    minLength: TOGETHER_BYTES,
    maxLength: MAX_WAITING_BYTES,
  });
  private timer: NodeJS.Timeout | undefined;
  private isFailing = false;

  constructor() {
    this.stdout.on('error', () => (this.isFailing = true));
    this.stdout.on('write', () => (this.isFailing = false));
    const flush = this.stdout.flushSync.bind(this.stdout);
    // At exit it would be tried for ever.
    this.stdout.flushSync = () => {
      if (!this.isFailing) flush();
    };
  }

  /** Takes a line, to be written soon. */
  write(line: string): void {
    this.stdout.write(line);
    this.timer ??= setTimeout(() => this.flush(), LONGEST_WAIT_MS).unref();
  }

  /** Has what waits written now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.stdout.flush();
  }
}
