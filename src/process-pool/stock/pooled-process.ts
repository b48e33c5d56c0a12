import { hasOwnTools, profileKey, type Profile } from '../../claude-cli/transport/launch-options.ts';
import type { Candidate, PlacementRequest } from '../pool/placement.ts';
import { NOTHING_SPENT, spendingSince, type Spending } from '../../claude-cli/turn/spending.ts';
import type { Session } from './session.ts';

/**
 * `starting` until it can take a turn, `idle`, `busy` with a turn, `settling` while a turn settles or a conversation is
 * rewound, `ending` once its end has begun.
 */
export type ProcessState = 'starting' | 'idle' | 'busy' | 'settling' | 'ending';

/** A process with the pool's record of it. */
export class PooledProcess implements Candidate {
  readonly profileKey: string;
  readonly hasOwnTools: boolean;
  systemKey: string | undefined;
  tenant: string | undefined;
  /** The request whose turn runs or settles on it; undefined if none does. */
  requestId: string | undefined;
  state: ProcessState = 'starting';
  /** Whether its conversation is being rewound, after which it is idle and empty. */
  isBeingEmptied = false;
  /** True until its first lease, which counts as `started` if it was started on demand. */
  isFresh = true;
  turns = 0;
  /** Turns that were answered; 0 if it has never served. */
  completedTurns = 0;
  lastUsedAt: number;
  private accounted: Spending = NOTHING_SPENT;

  constructor(
    readonly profile: Profile,
    readonly session: Session,
    readonly startedAt: number,
    /** Whether queued requests caused the start, rather than the reserve. */
    readonly isOnDemand: boolean,
  ) {
    this.profileKey = profileKey(profile);
    this.hasOwnTools = hasOwnTools(profile);
    this.lastUsedAt = startedAt;
  }

  get held(): readonly string[] {
    return this.session.held;
  }

  get contextKey(): string {
    return this.session.heldContext;
  }

  get isIdle(): boolean {
    return this.state === 'idle' && !this.session.hasEnded;
  }

  /** Idle and without a conversation. */
  get isEmpty(): boolean {
    return this.isIdle && this.held.length === 0;
  }

  /** The spending since the last call. */
  takeSpending(): Spending {
    const { spent } = this.session;
    const spending = spendingSince(this.accounted, spent);
    this.accounted = spent;
    return spending;
  }

  /** Leases it to a request. */
  take(request: PlacementRequest): void {
    this.state = 'busy';
    this.tenant = request.tenant;
    this.systemKey = request.systemKey;
    this.isFresh = false;
  }
}
