/** A terminal signals its whole group and npm passes the signal on as well, so the service gets it twice. */
const SAME_SIGNAL_MS = 1000;
/** Faults that come again and again must not fill the log until the end. */
const MAX_LOGGED_FAULTS = 100;

export interface ShutdownOptions {
  /** Drains: resolves when the running answers have ended. */
  readonly drain: () => Promise<void>;
  readonly exit: (code: number) => void;
  readonly logger: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    error(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
  /** The time in milliseconds, of a clock that never goes back. */
  readonly now?: () => number;
}

/** Ends the service, whatever asks for it: running answers may end first, once. */
export class Shutdown {
  private hasBegun = false;
  private signalledAt: number | undefined;
  private faults = 0;
  private readonly now: () => number;

  constructor(private readonly options: ShutdownOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** The first signal drains. One within a second after it is the same one; a later one ends the service at once. */
  onSignal(signal: NodeJS.Signals): void {
    const now = this.now();
    if (this.signalledAt === undefined) {
      this.signalledAt = now;
      this.begin({ signal });
    } else if (now - this.signalledAt >= SAME_SIGNAL_MS) {
      this.options.exit(1);
    }
  }

  /** An exception that nothing has caught: what state it has left is not known, so the service drains and starts anew. */
  onFault(error: unknown, origin: string): void {
    this.faults += 1;
    if (this.faults <= MAX_LOGGED_FAULTS) this.options.logger.error({ error, origin }, 'unexpected error');
    this.begin({ origin });
  }

  private begin(reason: Readonly<Record<string, unknown>>): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.options.logger.info(reason, 'stopping');
    this.options.drain().then(
      () => this.options.exit(this.faults > 0 ? 1 : 0),
      (error: unknown) => {
        this.options.logger.error({ error }, 'the shutdown failed');
        this.options.exit(1);
      },
    );
  }
}
