import { SpendingFigures, type SpendingSnapshot } from './spending-figures.ts';
import { LEASE_TIERS, type LeaseReport, type LeaseTier } from '../pool/lease.ts';

/** Counts since the service started. */
export interface PoolFiguresSnapshot {
  readonly leases: Readonly<Record<LeaseTier, number>>;
  /** Messages of histories that the leased process already held. */
  readonly reusedMessages: number;
  readonly starts: number;
  readonly failedStarts: number;
  /** Conversations rewound, wholly or in part, to serve another request. */
  readonly rewinds: number;
  /** Processes ended to make room for one with another profile. */
  readonly evictions: number;
  /** Processes ended for their age, turns or memory. */
  readonly retirements: number;
  readonly crashes: number;
  /** Turns repeated on another process because the first failed before the client received anything. */
  readonly retries: number;
  readonly refusedQueueFull: number;
  readonly refusedQueueTimeout: number;
  readonly spending: SpendingSnapshot;
}

/** Counts the events of the pool. */
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
