import { hasOwnTools, profileKey, type Profile } from '../../claude-cli/transport/launch-options.ts';
import type { Candidate, PlacementRequest } from '../pool/placement.ts';
import { NOTHING_SPENT, spendingSince, type Spending } from '../../claude-cli/turn/spending.ts';
import type { Session } from './session.ts';

/**
 * `starting` until it can take a turn, `idle`, `busy` with a turn, `settling` while a turn is wound up or a
 * conversation taken back, `ending` once it was told to end.
 */
export type ProcessState = 'starting' | 'idle' | 'busy' | 'settling' | 'ending';

/** A process and what the pool knows of it. */
export class PooledProcess implements Candidate {
  readonly profileKey: string;
  readonly hasOwnTools: boolean;
  systemKey: string | undefined;
  tenant: string | undefined;
  /** The request whose turn runs on it or is being wound up; undefined when none is. */
  requestId: string | undefined;
  state: ProcessState = 'starting';
  /** Whether its conversation is being taken back, after which it is idle and empty. */
  isBeingEmptied = false;
  /** Whether it has served since it became ready, so that its first lease counts as `started`. */
  isFresh = true;
  turns = 0;
  /** Turns that were answered; none means that it has never served. */
  completedTurns = 0;
  lastUsedAt: number;
  private accounted: Spending = NOTHING_SPENT;

  constructor(
    readonly profile: Profile,
    readonly session: Session,
    readonly startedAt: number,
    /** For whom it was started: requests that waited at that moment, rather than the reserve. */
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

  /** Ready for anybody: nothing is held. */
  get isEmpty(): boolean {
    return this.isIdle && this.held.length === 0;
  }

  /** What it has spent since this was asked last. */
  takeSpending(): Spending {
    const { spent } = this.session;
    const spending = spendingSince(this.accounted, spent);
    this.accounted = spent;
    return spending;
  }

  /** Marks it as taken by a request. */
  take(request: PlacementRequest): void {
    this.state = 'busy';
    this.tenant = request.tenant;
    this.systemKey = request.systemKey;
    this.isFresh = false;
  }
}
