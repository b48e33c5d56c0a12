const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/** Slows the starting of processes down while they fail one after the other. */
export class RestartBackoff {
  private failures = 0;
  private notBefore = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get consecutiveFailures(): number {
    return this.failures;
  }

  /** Milliseconds until another start is sensible; 0: now. */
  get remainingMs(): number {
    return Math.max(0, this.notBefore - this.now());
  }

  /**
   * A process failed to start, or ended without having served anything well. Those that end together are one failure: when
   * all are killed at once, that says nothing of the next one.
   */
  noteFailure(): void {
    if (this.remainingMs > 0) return;
    this.notBefore = this.now() + Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures += 1;
  }

  /** A process could not even be tried to start: that costs little, so it is looked at again soon. */
  notePostponed(): void {
    this.notBefore = this.now() + FIRST_DELAY_MS;
  }

  noteSuccess(): void {
    this.failures = 0;
    this.notBefore = 0;
  }
}
