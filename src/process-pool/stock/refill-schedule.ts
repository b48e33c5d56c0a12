/** Longer than a request takes from its lease to the model. */
const TAKE_BACK_DELAY_MS = 100;

/** What a refill of the reserve may do besides starts that a waiting request needs. */
export interface Refill {
  /** Whether conversations may be taken back. */
  readonly mayTakeBack: boolean;
  /** Whether a process may be started although another one could serve the next request. */
  readonly mayGrow: boolean;
}

/** When the reserve of empty processes is refilled: off the path of any request, and once for all who ask at a moment. */
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

  /** From time to time: the reserve may also grow. */
  grow(): void {
    this.mayGrow = true;
    this.soon();
  }

  /**
   * After a process was taken, while others are left: a conversation is taken back at the cost of processor time that the
   * request needs until the model is asked, so that waits.
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
