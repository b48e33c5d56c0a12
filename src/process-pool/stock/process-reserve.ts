import { hasOwnTools, profileKey, type Profile } from '../../claude-cli/transport/launch-options.ts';
import { isRecyclable, type PlacementRules } from '../pool/placement.ts';
import type { PoolFigures } from '../figures/pool-figures.ts';
import type { PooledProcess } from './pooled-process.ts';
import { leastRecent, type ProcessSet } from './process-set.ts';
import type { ProcessStarter } from './process-starter.ts';
import { RefillSchedule, type Refill } from './refill-schedule.ts';

export interface ProcessReserveOptions {
  /** What the spares are, and the processes of turns that ask for nothing else. */
  readonly profile: Profile;
  /** Processes that stay when the load has gone. */
  readonly size: number;
  /** Empty processes that are kept ready. */
  readonly minIdle: number;
}

/** A pool in which nothing has run for this long is quiet: a start disturbs no request. */
const QUIET_AFTER_MS = 1_000;
/** A pool that is never quiet grows by one process in this time. */
const GROWTH_INTERVAL_MS = 30_000;
/** Clients that continue their conversation at once do so within this time. */
const CONTINUED_WITHIN_MS = 1_000;

/** Keeps empty processes of one profile ready for new conversations: starts processes, or takes conversations back. */
export class ProcessReserve {
  private readonly refills = new RefillSchedule((how) => this.refill(how));
  private readonly profileKey: string;
  /** Whether a spare may serve any request once its conversation was taken back. */
  private readonly mayPassOn: boolean;

  /** @param onReady told when a conversation was taken back, so that its process can serve */
  constructor(
    private readonly options: ProcessReserveOptions,
    rules: PlacementRules,
    private readonly processes: ProcessSet,
    private readonly starter: ProcessStarter,
    private readonly figures: PoolFigures,
    private readonly onReady: () => void,
  ) {
    this.profileKey = profileKey(options.profile);
    const isShared = isRecyclable({ hasOwnTools: hasOwnTools(options.profile) }, rules);
    this.mayPassOn = isShared && !rules.isolateTenants;
  }

  refillSoon(): void {
    this.refills.soon();
  }

  /** After a process was taken. */
  refillLater(): void {
    if (!this.own.some(({ isEmpty }) => isEmpty)) this.refills.soon();
    else this.refills.later();
  }

  /** From time to time: lets the reserve grow where it disturbs no request. */
  grow(): void {
    this.refills.grow();
  }

  stop(): void {
    this.refills.stop();
  }

  /** Takes the conversation of a process back; it is idle afterwards. */
  empty(process: PooledProcess): void {
    process.state = 'settling';
    process.isBeingEmptied = true;
    this.figures.rewinds += 1;
    process.session.empty().then(
      () => {
        process.isBeingEmptied = false;
        process.state = 'idle';
        this.onReady();
      },
      // A process that cannot be taken back ends itself; the starter notes its end.
      () => undefined,
    );
  }

  /**
   * A start takes a core's time for most of a second and slows the requests beside it down: while a conversation could be
   * taken back for the next request, the reserve grows in quiet moments only.
   */
  private refill({ mayTakeBack, mayGrow }: Refill): void {
    const ready = this.own.filter(
      (process) => process.isEmpty || process.isBeingEmptied || process.state === 'starting',
    ).length;
    const canServe = ready > 0 || (this.mayPassOn && this.own.some(({ isIdle }) => isIdle));
    const growth = canServe && this.mayPassOn ? Number(mayGrow && this.isTimeToGrow) : Infinity;
    let started = 0;
    for (let missing = this.options.minIdle - ready; missing > 0; missing -= 1) {
      if (this.processes.size < this.options.size && started < growth) {
        if (!this.starter.start(this.options.profile, false)) return;
        started += 1;
      } else if (!mayTakeBack || !this.emptyOldest()) return;
    }
  }

  /** The processes that the reserve can count on. */
  private get own(): PooledProcess[] {
    return this.processes.all.filter((process) => process.profileKey === this.profileKey);
  }

  private get isTimeToGrow(): boolean {
    const now = performance.now();
    const isQuiet = this.processes.all.every(
      ({ state, lastUsedAt }) => state !== 'busy' && now - lastUsedAt > QUIET_AFTER_MS,
    );
    return isQuiet || now - this.starter.lastStartAt > GROWTH_INTERVAL_MS;
  }

  /**
   * Takes the conversation back that was used least recently; false where none may be. The only conversation may be
   * continued at this moment: in a busy pool it is the one whose turn has just ended.
   */
  private emptyOldest(): boolean {
    if (!this.mayPassOn) return false;
    const held = this.own.filter(({ isIdle, isEmpty }) => isIdle && !isEmpty);
    const oldest = leastRecent(held);
    if (!oldest) return false;
    if (held.length === 1 && performance.now() - oldest.lastUsedAt < CONTINUED_WITHIN_MS) return false;
    this.empty(oldest);
    return true;
  }
}
