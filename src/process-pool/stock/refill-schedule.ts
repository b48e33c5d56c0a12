/** Longer than a request takes from its lease to its model call. */
const TAKE_BACK_DELAY_MS = 100;

/** What a refill of the reserve may do besides the starts that a queued request needs. */
export interface Refill {
  /** Whether it may rewind conversations. */
  readonly mayTakeBack: boolean;
  /** Whether it may start a process although another one could serve the next request. */
  readonly mayGrow: boolean;
}

/** Schedules refills of the reserve: off the path of requests, one refill for all calls of a moment. */
export class RefillSchedule {
  private isDue = false;
  private mayTakeBack = false;
  private mayGrow = false;
  private takeBackTimer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly refill: (how: Refill) => void) {}

  soon(): void {
    this.mayTakeBack = true;
    this.schedule();
  }

  /** Call periodically: the reserve may also grow. */
  grow(): void {
    this.mayGrow = true;
    this.soon();
  }

  /**
   * Call after a process was taken while spares are left. Delays rewinds, which take processor time that the request needs
   * until its model call.
   */
  later(): void {
    this.schedule();
    this.takeBackTimer ??= setTimeout(() => {
      this.takeBackTimer = undefined;
      this.soon();
    }, TAKE_BACK_DELAY_MS).unref();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.takeBackTimer);
  }

  private schedule(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(() => {
      const { mayTakeBack, mayGrow } = this;
      this.isDue = false;
      this.mayTakeBack = false;
      this.mayGrow = false;
      if (!this.isStopped) this.refill({ mayTakeBack, mayGrow });
    });
  }
}
