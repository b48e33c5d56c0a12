import { SpendingFigures, type SpendingSnapshot } from './spending-figures.ts';
import { LEASE_TIERS, type LeaseReport, type LeaseTier } from '../pool/lease.ts';

/** What the pool has done since the service started. */
export interface PoolFiguresSnapshot {
  readonly leases: Readonly<Record<LeaseTier, number>>;
  /** Messages of histories that a process already held. */
  readonly reusedMessages: number;
  readonly starts: number;
  readonly failedStarts: number;
  /** Times a conversation was taken back, wholly or in part, to serve another request. */
  readonly rewinds: number;
  /** Processes ended to make room for one with another profile. */
  readonly evictions: number;
  /** Processes ended for their age, turns or memory. */
  readonly retirements: number;
  readonly crashes: number;
  /** Turns that were begun again on another process, because theirs had failed before anything was handed out. */
  readonly retries: number;
  readonly refusedQueueFull: number;
  readonly refusedQueueTimeout: number;
  readonly spending: SpendingSnapshot;
}

/** Counts what the pool does. */
export class PoolFigures {
  starts = 0;
  failedStarts = 0;
  rewinds = 0;
  evictions = 0;
  retirements = 0;
  crashes = 0;
  retries = 0;
  refusedQueueFull = 0;
  refusedQueueTimeout = 0;
  readonly spending = new SpendingFigures();
  private reusedMessages = 0;
  private readonly leases = new Map<LeaseTier, number>(LEASE_TIERS.map((tier) => [tier, 0]));

  countLease(report: LeaseReport): void {
    this.leases.set(report.tier, (this.leases.get(report.tier) ?? 0) + 1);
    this.reusedMessages += report.reusedMessages;
    if (report.tier === 'rewound' || report.tier === 'emptied') this.rewinds += 1;
  }

  snapshot(): PoolFiguresSnapshot {
    return {
      leases: Object.fromEntries(this.leases) as Record<LeaseTier, number>,
      reusedMessages: this.reusedMessages,
      starts: this.starts,
      failedStarts: this.failedStarts,
      rewinds: this.rewinds,
      evictions: this.evictions,
      retirements: this.retirements,
      crashes: this.crashes,
      retries: this.retries,
      refusedQueueFull: this.refusedQueueFull,
      refusedQueueTimeout: this.refusedQueueTimeout,
      spending: this.spending.snapshot(),
    };
  }
}
