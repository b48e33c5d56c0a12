import type { LeaseReport } from '../process-pool/pool/lease.ts';

/** How an answer was served without a process of its own. */
export type CacheTier = 'hit' | 'shared';

/** The times of the steps of one answer, for the Server-Timing header and the log line. */
export class TurnTiming {
  private lease: LeaseReport | undefined;
  private cacheTier: CacheTier | undefined;
  private firstTokenAt: number | undefined;

  /** @param receivedAt the time of the request, in milliseconds of performance.now() */
  constructor(private readonly receivedAt: number) {}

  /** Only the first lease counts: later ones belong to other choices of the same answer. */
  noteLease(lease: LeaseReport): void {
    this.lease ??= lease;
  }

  noteCache(tier: CacheTier): void {
    this.cacheTier = tier;
  }

  noteToken(): void {
    this.firstTokenAt ??= performance.now();
  }

  /** The tier of the lease, or how the answer was served without one. */
  get tier(): string | undefined {
    if (this.cacheTier) return this.cacheTier === 'hit' ? 'cache' : 'shared';
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

  /** The value of a Server-Timing header; with the total only if the answer is complete. */
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
