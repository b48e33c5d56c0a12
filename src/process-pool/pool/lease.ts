import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { Spending } from '../../claude-cli/turn/spending.ts';
import type { SpendingKind } from '../figures/spending-figures.ts';

/** Who asks, and what is told of how it was served. */
export interface LeaseOptions {
  /** The API key's name, or `anonymous`: contexts never cross it and the waiting line is fair between them. */
  readonly tenant: string;
  /** Under which what happens to the process is logged. */
  readonly requestId?: string;
  /** What the process is to be; undefined for that of plain chat, which the reserve has. */
  readonly profile?: Profile;
  /** Whether it belongs to a request that was let in already, so that it may wait even where the line is full. */
  readonly isAdmitted?: boolean;
  /** Whether the answer is wanted in one piece: a turn that fails can be begun again as long as it is not complete. */
  readonly isWhole?: boolean;
  /** Called for each piece of the answer when it comes, also where the answer is handed out in one piece. */
  readonly onPiece?: () => void;
  /** Told once, when a process was found and the turn begins on it. */
  readonly onLeased?: (lease: LeaseReport) => void;
  /**
   * Told once for each process that it was leased, when the turn is over and what it cost is known: after the last event,
   * and also for a turn that was cancelled.
   */
  readonly onSettled?: (turn: SettledTurn) => void;
}

/** What a turn has spent, however it ended. */
export interface SettledTurn {
  readonly kind: Exclude<SpendingKind, 'overhead'>;
  readonly spending: Spending;
  /** False where the process ended before it told. */
  readonly isAccounted: boolean;
}

/** Decides whether one request may be sent upstream, and is told what became of it. */
export interface UpstreamGate {
  /** Why it may not be sent now, if so. */
  refusal(): Error | undefined;
  /** The same at the moment when it would be sent; where it may, it counts as sent. */
  enter(): Error | undefined;
  /** Upstream has begun to answer. */
  accepted(): void;
  /** Returns the failure that is to be told instead. */
  failed(error: unknown): unknown;
}

/** How a lease was served; for figures and the Server-Timing header. */
export interface LeaseReport {
  readonly tier: LeaseTier;
  readonly queueMs: number;
  /** Messages of the history that the process already held. */
  readonly reusedMessages: number;
}

/**
 * What a process was when it was leased: `live` holds exactly the request's history, `rewound` a part of it, `empty`
 * nothing, `emptied` something else that was taken back first, `spare` was booted but not initialised, `started` was
 * started for this request.
 */
export const LEASE_TIERS = ['live', 'rewound', 'empty', 'emptied', 'spare', 'started'] as const;
export type LeaseTier = (typeof LEASE_TIERS)[number];
