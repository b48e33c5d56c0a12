const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/** Delays starts while they fail one after the other. */
export class RestartBackoff {
  private failures = 0;
  private notBefore = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get consecutiveFailures(): number {
    return this.failures;
  }

  /** Milliseconds until the next start makes sense; 0: now. */
  get remainingMs(): number {
    return Math.max(0, this.notBefore - this.now());
  }

  /**
   * A process failed to start, or ended before it answered. Failures during a delay count as one: a kill of all processes
   * says nothing about the next one.
   */
  noteFailure(): void {
    if (this.remainingMs > 0) return;
    this.notBefore = this.now() + Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures += 1;
  }

  /** A start failed before it launched a process. That is cheap, so it is retried soon. */
  notePostponed(): void {
    this.notBefore = this.now() + FIRST_DELAY_MS;
  }

  noteSuccess(): void {
    this.failures = 0;
    this.notBefore = 0;
  }
}
