/** A terminal signals its whole group and npm forwards the signal as well, so the service gets it twice. */
const SAME_SIGNAL_MS = 1000;
/** Repeated errors must not flood the log during the drain. */
const MAX_LOGGED_FAULTS = 100;

export interface ShutdownOptions {
  /** Resolves when the running answers have ended. */
  readonly drain: () => Promise<void>;
  readonly exit: (code: number) => void;
  readonly logger: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    error(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
  /** The time in milliseconds, from a monotonic clock. */
  readonly now?: () => number;
}

/** Ends the service once, for whatever reason, after a drain. */
export class Shutdown {
  private hasBegun = false;
  private signalledAt: number | undefined;
  private faults = 0;
  private readonly now: () => number;

  constructor(private readonly options: ShutdownOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** The first signal drains. Repetitions within a second are ignored; a later one ends the service at once. */
  onSignal(signal: NodeJS.Signals): void {
    const now = this.now();
    if (this.signalledAt === undefined) {
      this.signalledAt = now;
      this.begin({ signal });
    } else if (now - this.signalledAt >= SAME_SIGNAL_MS) {
      this.options.exit(1);
    }
  }

  /** An uncaught exception leaves an unknown state, so the service drains and exits for a restart. */
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
