import type { LeaseReport } from '../process-pool/lease.ts';

/** When the steps of one answer happened, for the Server-Timing header and the access line. */
export class TurnTiming {
  private lease: LeaseReport | undefined;
  private firstTokenAt: number | undefined;

  /** @param receivedAt when the request came in, in milliseconds of performance.now() */
  constructor(private readonly receivedAt: number) {}

  /** The first lease counts: further ones are of other choices of the same answer. */
  noteLease(lease: LeaseReport): void {
    this.lease ??= lease;
  }

  noteToken(): void {
    this.firstTokenAt ??= performance.now();
  }

  get tier(): string | undefined {
    return this.lease?.tier;
  }

  get queueMs(): number | undefined {
    return this.lease?.queueMs;
  }

  get firstTokenMs(): number | undefined {
    return this.firstTokenAt === undefined ? undefined : this.firstTokenAt - this.receivedAt;
  }

  get totalMs(): number {
    return performance.now() - this.receivedAt;
  }

  /** The value of a Server-Timing header; the total only where the answer is complete. */
  header(isComplete: boolean): string {
    const entries = [
      this.lease && `queue;dur=${this.lease.queueMs.toFixed(1)}`,
      this.lease && `lease;desc="${this.lease.tier}"`,
      this.firstTokenMs !== undefined && `first-token;dur=${this.firstTokenMs.toFixed(1)}`,
      isComplete && `total;dur=${this.totalMs.toFixed(1)}`,
    ];
    return entries.filter((entry) => typeof entry === 'string').join(', ');
  }
}
