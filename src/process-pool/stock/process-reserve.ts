import { hasOwnTools, profileKey, type Profile } from '../../claude-cli/transport/launch-options.ts';
import { isRecyclable, type PlacementRules } from '../pool/placement.ts';
import type { PoolFigures } from '../figures/pool-figures.ts';
import type { PooledProcess } from './pooled-process.ts';
import { leastRecent, type ProcessSet } from './process-set.ts';
import type { ProcessStarter } from './process-starter.ts';
import { RefillSchedule, type Refill } from './refill-schedule.ts';

export interface ProcessReserveOptions {
  /** The profile of the spares, and of turns without a profile. */
  readonly profile: Profile;
  /** Processes that stay after a load peak. */
  readonly size: number;
  /** Empty processes to keep ready. */
  readonly minIdle: number;
}

/** A pool without a turn for this long is quiet: a start slows no request down. */
const QUIET_AFTER_MS = 1_000;
/** A pool that is never quiet grows by one process per interval. */
const GROWTH_INTERVAL_MS = 30_000;
/** Clients that continue their conversation at once do so within this time. */
const CONTINUED_WITHIN_MS = 1_000;

/** Keeps empty processes of one profile ready for new conversations: starts processes, or rewinds conversations. */
export class ProcessReserve {
  private readonly refills = new RefillSchedule((how) => this.refill(how));
  private readonly profileKey: string;
  /** Whether a spare may serve any request after a rewind. */
  private readonly mayPassOn: boolean;

  /** @param onReady called when a rewound process can serve */
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

  /** Call after a process was taken. */
  refillLater(): void {
    if (!this.own.some(({ isEmpty }) => isEmpty)) this.refills.soon();
    else this.refills.later();
  }

  /** Call periodically: lets the reserve grow when that slows no request down. */
  grow(): void {
    this.refills.grow();
  }

  stop(): void {
    this.refills.stop();
  }

  /** Rewinds the conversation of a process, which is idle afterwards. */
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
      // A process that cannot be rewound ends itself; the starter notes its end.
      () => undefined,
    );
  }

  /**
   * A start takes most of a second of processor time and slows concurrent requests down. While a rewind could serve the
   * next request, the reserve grows in quiet moments only.
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

  /** The processes that can be spares. */
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
   * Rewinds the conversation that was used least recently; false if there is none to rewind. The only conversation may be
   * about to continue: in a busy pool it is the one whose turn has just ended.
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
