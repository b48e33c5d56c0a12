import type { LeaseReport } from '../process-pool/pool/lease.ts';

/** How an answer was had without a process of its own. */
export type CacheTier = 'hit' | 'shared';

/** When the steps of one answer happened, for the Server-Timing header and the access line. */
export class TurnTiming {
  private lease: LeaseReport | undefined;
  private cacheTier: CacheTier | undefined;
  private firstTokenAt: number | undefined;

  /** @param receivedAt when the request came in, in milliseconds of performance.now() */
  constructor(private readonly receivedAt: number) {}

  /** The first lease counts: further ones are of other choices of the same answer. */
  noteLease(lease: LeaseReport): void {
    this.lease ??= lease;
  }

  noteCache(tier: CacheTier): void {
    this.cacheTier = tier;
  }

  noteToken(): void {
    this.firstTokenAt ??= performance.now();
  }

  /** The tier of the lease, or how it did without one. */
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
