import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { Spending } from '../../claude-cli/turn/spending.ts';
import type { SpendingKind } from '../figures/spending-figures.ts';

/** The tenant and needs of a request, and callbacks about its service. */
export interface LeaseOptions {
  /** The API key's name, or `anonymous`. Contexts never cross tenants; the queue is fair between them. */
  readonly tenant: string;
  /** The request id for log lines about the process. */
  readonly requestId?: string;
  /** The profile of the process; undefined for plain chat, the profile of the reserve. */
  readonly profile?: Profile;
  /** Whether its request was admitted before, so that a full queue does not refuse it. */
  readonly isAdmitted?: boolean;
  /** Whether the answer is delivered whole, so that a failed turn can be repeated until the answer is complete. */
  readonly isWhole?: boolean;
  /** Called for each piece of the answer as it arrives, even if the answer is delivered whole. */
  readonly onPiece?: () => void;
  /** Called once, when a process is leased and the turn begins on it. */
  readonly onLeased?: (lease: LeaseReport) => void;
  /**
   * Called once per leased process, when the turn has settled and its cost is known: after the last event, and also for a
   * cancelled turn.
   */
  readonly onSettled?: (turn: SettledTurn) => void;
}

/** The spending of a turn, however it ended. */
export interface SettledTurn {
  readonly kind: Exclude<SpendingKind, 'overhead'>;
  readonly spending: Spending;
  /** False if the process ended before it reported its cost. */
  readonly isAccounted: boolean;
}

/** Decides whether a request may go upstream, and learns the outcome. */
export interface UpstreamGate {
  /** Why the request may not go upstream now; undefined if it may. */
  refusal(): Error | undefined;
  /** Checks like `refusal` right before sending; if it returns nothing, the request counts as sent. */
  enter(): Error | undefined;
  /** Upstream has begun to respond. */
  accepted(): void;
  /** Returns the error for the client. */
  failed(error: unknown): unknown;
}

/** How a lease was served, for figures and the Server-Timing header. */
export interface LeaseReport {
  readonly tier: LeaseTier;
  readonly queueMs: number;
  /** Messages of the history that the process already held. */
  readonly reusedMessages: number;
}

/**
 * The state of a process when it is leased: `live` holds exactly the history, `rewound` a part of it, `empty` nothing,
 * `emptied` something else that is rewound first; `spare` is not initialised yet, `started` was started for this request.
 */
export const LEASE_TIERS = ['live', 'rewound', 'empty', 'emptied', 'spare', 'started'] as const;
export type LeaseTier = (typeof LEASE_TIERS)[number];
