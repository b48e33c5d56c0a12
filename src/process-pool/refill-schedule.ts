/** Longer than a request takes from its lease to the model. */
const TAKE_BACK_DELAY_MS = 100;

/** When the reserve of empty processes is refilled: off the path of any request, and once for all who ask at a moment. */
export class RefillSchedule {
  private isDue = false;
  private mayTakeBack = false;
  private takeBackTimer: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** @param refill told whether conversations may be taken back for it, or only processes started */
  constructor(private readonly refill: (mayTakeBack: boolean) => void) {}

  soon(): void {
    this.mayTakeBack = true;
    this.schedule();
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
      const { mayTakeBack } = this;
      this.isDue = false;
      this.mayTakeBack = false;
      if (!this.isStopped) this.refill(mayTakeBack);
    });
  }
}
