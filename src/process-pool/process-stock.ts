import { fits, type PlacementRequest, type PlacementRules } from './placement.ts';
import { heldDigest } from '../claude-cli/message-digest.ts';
import type { Profile } from '../claude-cli/launch-options.ts';
import type { SessionEvent } from '../claude-cli/session-event.ts';
import type { ProcessEnd } from '../claude-cli/claude-process.ts';
import { CliCrashedError, CliStartError, lastLine } from '../claude-cli/errors.ts';
import type { PoolFigures } from './pool-figures.ts';
import type { ProcessCounts } from './pool-status.ts';
import { PooledProcess, type ProcessState } from './pooled-process.ts';
import { RefillSchedule, type Refill } from './refill-schedule.ts';
import { ownMemoryBytes } from './own-memory.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { Session, SessionLauncher } from './session.ts';

export interface ProcessStockOptions {
  readonly profile: Profile;
  readonly reuse: 'recycle' | 'fresh';
  /** Processes alive at once, at most. */
  readonly maxProcesses: number;
  /** Processes that stay when the load has gone. */
  readonly size: number;
  /** Empty processes that are kept ready. */
  readonly minIdle: number;
  /** Empty processes that stay, at most. */
  readonly maxIdle: number;
  readonly maxTurns: number;
  readonly maxAgeMs: number;
  readonly maxMemoryBytes: number;
  /** How long a conversation that nobody continues is held; 0: it is let go after each turn. */
  readonly maxHeldMs: number;
}

export interface ProcessStockListener {
  /** A process has become idle, or room for another one. */
  onReady(): void;
  /** @param isHopeless whether no other process is alive that could serve instead */
  onStartFailed(error: Error, isHopeless: boolean): void;
  onEvent(process: PooledProcess, event: SessionEvent): void;
}

/** How long a process beyond `size` stays idle before it is ended. */
const SURPLUS_IDLE_MS = 30_000;
const UPKEEP_INTERVAL_MS = 5_000;
/** A pool in which nothing has run for so long is quiet: a start disturbs nobody then. */
const QUIET_AFTER_MS = 1_000;
/** A pool that is never quiet grows by one process in this time. */
const GROWTH_INTERVAL_MS = 30_000;
/** Clients that continue their conversation at once do so within this time. */
const CONTINUED_WITHIN_MS = 1_000;
/** Processes may be killed a few times in a row, also while they start; what ends so after that cannot serve. */
const TOLERATED_ENDS = 4;

/** The processes there are: starts them, keeps enough of them ready, and ends those that are old, large or too many. */
export class ProcessStock {
  private readonly processes = new Set<PooledProcess>();
  private readonly backoff = new RestartBackoff();
  private readonly refills = new RefillSchedule((how) => this.refill(how));
  private readonly upkeep: NodeJS.Timeout;
  private retryTimer: NodeJS.Timeout | undefined;
  private hasBeenReady = false;
  private lastStartAt = performance.now();
  private lastStartError: Error | undefined;
  /** The last one that came to nothing, whether anybody was told or not. */
  private lastFailure: { readonly error: Error; readonly at: number } | undefined;
  private isStopped = false;

  constructor(
    private readonly launcher: SessionLauncher,
    private readonly options: ProcessStockOptions,
    private readonly rules: PlacementRules,
    private readonly figures: PoolFigures,
    private readonly listener: ProcessStockListener,
  ) {
    this.upkeep = setInterval(() => this.maintain(), UPKEEP_INTERVAL_MS);
    this.upkeep.unref();
  }

  get idle(): PooledProcess[] {
    return [...this.processes].filter((process) => process.isIdle);
  }

  /** Whether a process holds a conversation of a tenant, by the digest of everything in it. */
  holds(tenant: string, digest: string): boolean {
    return [...this.processes].some(
      (process) => process.tenant === tenant && !process.isBeingEmptied && heldDigest(process.held) === digest,
    );
  }

  /** Whether a process has been ready and the first ones have all been started: what is started beside a request slows it down. */
  get isWarm(): boolean {
    return this.hasBeenReady;
  }

  /** Why no process can be had; undefined as long as one is alive or has just been ended on purpose. */
  get startError(): Error | undefined {
    return this.hasLiving ? undefined : this.lastStartError;
  }

  /** Why somebody who has waited since then has found no process; undefined where all that serve are busy. */
  whyNoneSince(time: number): Error | undefined {
    if (this.startError || !this.lastFailure || this.lastFailure.at < time) return this.startError;
    const serves = [...this.processes].some(({ state, completedTurns }) => state !== 'ending' && completedTurns > 0);
    return serves ? undefined : this.lastFailure.error;
  }

  get retryAfterMs(): number {
    return this.backoff.remainingMs;
  }

  get counts(): ProcessCounts {
    const all = [...this.processes];
    const count = (test: (process: PooledProcess) => boolean): number => all.filter(test).length;
    return {
      starting: count(({ state }) => state === 'starting'),
      empty: count((process) => process.isEmpty),
      live: count((process) => process.isIdle && !process.isEmpty),
      busy: count(({ state }) => state === 'busy'),
      settling: count(({ state }) => state === 'settling' || state === 'ending'),
    };
  }

  /** The memory that is the processes' own, together; 0 where the system does not tell. */
  get residentBytes(): number {
    return [...this.processes].reduce((sum, { session }) => sum + (ownMemoryBytes(session.pid) ?? 0), 0);
  }

  /** Sees to it that requests which found no process get one: starts, or makes room by ending idle ones. */
  provide(waiting: readonly PlacementRequest[]): void {
    if (this.isStopped) return;
    while (this.isRoom && this.countOf('starting') < waiting.length) if (!this.start(true)) return;
    while (!this.isRoom && this.onTheWay < waiting.length) if (!this.evict(this.useless(waiting))) return;
  }

  /**
   * The same for those whose turn it is and who found no process among the idle ones, where these would suit others who
   * stand behind them in the line: without it whoever keeps the pool busy could keep others out for ever.
   */
  makeRoom(heads: readonly PlacementRequest[]): void {
    if (this.isStopped) return;
    while (!this.isRoom && this.onTheWay < heads.length) {
      if (!this.evict(leastRecent(this.idle))) return;
    }
  }

  /** Refills the reserve of empty processes. */
  keepWarm(): void {
    this.refills.soon();
  }

  /** The same after a process was taken. */
  keepWarmLater(): void {
    if (this.counts.empty === 0) this.refills.soon();
    else this.refills.later();
  }

  noteAnswer(process: PooledProcess): void {
    process.completedTurns += 1;
    this.lastStartError = undefined;
    this.lastFailure = undefined;
    this.backoff.noteSuccess();
  }

  /** Takes a process back after a turn: it is idle again, or ended when its time has come. */
  putBack(process: PooledProcess): void {
    if (process.session.hasEnded) return;
    process.turns += 1;
    process.lastUsedAt = performance.now();
    const isSpent = !this.rules.canRecycle && process.held.length === 0;
    if (this.isStopped || isSpent || this.isOld(process)) {
      if (!this.isStopped && !isSpent) this.figures.retirements += 1;
      void this.end(process);
    } else if (this.options.maxHeldMs === 0 && process.held.length > 0) {
      if (this.rules.canRecycle) this.takeBack(process);
      else void this.end(process);
    } else {
      process.state = 'idle';
      this.listener.onReady();
    }
    this.keepWarm();
  }

  /** Keeps no reserve any more. */
  stopRefilling(): void {
    this.refills.stop();
  }

  /** Starts nothing any more, and ends what is idle. */
  stop(): void {
    this.isStopped = true;
    clearInterval(this.upkeep);
    clearTimeout(this.retryTimer);
    this.refills.stop();
    for (const process of this.idle) void this.end(process);
  }

  async endAll(): Promise<void> {
    this.stop();
    await Promise.all([...this.processes].map((process) => this.end(process)));
  }

  /** False when the last starts have failed and it is too early for another. */
  private start(isOnDemand: boolean): boolean {
    if (this.backoff.remainingMs > 0) {
      this.retryLater();
      return false;
    }
    const { profile } = this.options;
    this.figures.starts += 1;
    this.lastStartAt = performance.now();
    let session: Session;
    try {
      session = this.launcher.launch(profile, (event) => this.listener.onEvent(process, event));
    } catch (error) {
      this.backoff.notePostponed();
      this.noteStartFailure(error as Error);
      return false;
    }
    const process = new PooledProcess(profile, session, performance.now(), isOnDemand);
    this.processes.add(process);
    this.listener.onEvent(process, { type: 'started' });
    void session.ended.then((end) => this.acceptEnd(process, end));
    if (profile.lean) {
      process.systemKey = '';
      this.makeReady(process).then(
        () => this.acceptStart(process),
        (error: unknown) => this.acceptStartFailure(process, error as Error),
      );
    } else {
      // It boots on its own; what it is initialised with, and whether it can be, is known when it is leased.
      setImmediate(() => this.acceptStart(process));
    }
    return true;
  }

  /** Off the path of requests the first turn is rehearsed; a request that waits would have to wait for that too. */
  private async makeReady({ session, isOnDemand }: PooledProcess): Promise<void> {
    await session.initialize();
    if (!isOnDemand) await session.rehearse();
  }

  private acceptStart(process: PooledProcess): void {
    if (process.state !== 'starting' || process.session.hasEnded) return;
    process.state = 'idle';
    this.noteReadiness();
    if (process.profile.lean) this.lastStartError = undefined;
    this.listener.onReady();
    this.keepWarm();
  }

  private get hasLiving(): boolean {
    return [...this.processes].some(({ state }) => state !== 'starting' && state !== 'ending');
  }

  private noteReadiness(): void {
    this.hasBeenReady ||= this.hasLiving && this.countOf('starting') === 0;
  }

  private acceptStartFailure(process: PooledProcess, error: Error): void {
    this.processes.delete(process);
    this.noteReadiness();
    this.backoff.noteFailure();
    this.noteStartFailure(error, wasKilled(error) && this.mayBeChance);
  }

  /** @param mayBeChance whether nobody is told: those who wait get the next one */
  private noteStartFailure(error: Error, mayBeChance = false): void {
    this.figures.failedStarts += 1;
    this.noteFailure(error);
    if (!mayBeChance) {
      this.lastStartError = error;
      this.listener.onStartFailed(
        error,
        [...this.processes].every(({ state }) => state === 'ending'),
      );
    }
    this.retryLater();
  }

  private noteFailure(error: Error): void {
    this.lastFailure = { error, at: performance.now() };
  }

  private get mayBeChance(): boolean {
    return this.backoff.consecutiveFailures <= TOLERATED_ENDS;
  }

  private acceptEnd(process: PooledProcess, end: ProcessEnd): void {
    const wasStarting = process.state === 'starting' && process.profile.lean;
    if (!this.processes.delete(process) || wasStarting) return;
    if (process.state !== 'ending') {
      this.figures.crashes += 1;
      if (process.completedTurns === 0) this.acceptUselessEnd(process, end);
    }
    if (this.isStopped) return;
    this.listener.onReady();
    this.keepWarm();
  }

  /** Of a process that has never served, though it seemed to be ready. */
  private acceptUselessEnd(process: PooledProcess, end: ProcessEnd): void {
    this.backoff.noteFailure();
    const error = neverServed(process, end);
    // One that is not lean counts as ready before it has shown that it can start.
    if (process.profile.lean && this.mayBeChance) this.noteFailure(error);
    else this.noteStartFailure(error);
  }

  private retryLater(): void {
    if (this.isStopped || this.retryTimer) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.listener.onReady();
      this.keepWarm();
    }, this.backoff.remainingMs + 1);
    this.retryTimer.unref();
  }

  private end(process: PooledProcess): Promise<unknown> {
    process.state = 'ending';
    return process.session.end();
  }

  /** Ends a process for the room it takes; false where there is none. */
  private evict(process: PooledProcess | undefined): boolean {
    if (!process) return false;
    this.figures.evictions += 1;
    void this.end(process);
    return true;
  }

  /** The idle process that was used least recently of those that none who waits could use. */
  private useless(waiting: readonly PlacementRequest[]): PooledProcess | undefined {
    return leastRecent(
      this.idle.filter((process) => !this.mayPassOn || !waiting.some((request) => fits(process, request))),
    );
  }

  /** Whether a process may serve anybody once its conversation was taken back. */
  private get mayPassOn(): boolean {
    return this.rules.canRecycle && !this.rules.isolateTenants;
  }

  /**
   * A start takes a core's time for most of a second, which requests beside it feel: as long as a conversation could be
   * taken back for the next one, the reserve grows in quiet moments.
   */
  private refill({ mayTakeBack, mayGrow }: Refill): void {
    const ready = [...this.processes].filter(
      (process) => process.isEmpty || process.isBeingEmptied || process.state === 'starting',
    ).length;
    const canServe = ready > 0 || (this.mayPassOn && this.idle.length > 0);
    const growth = canServe && this.mayPassOn ? Number(mayGrow && this.isTimeToGrow) : Infinity;
    let started = 0;
    for (let missing = this.options.minIdle - ready; missing > 0; missing -= 1) {
      if (this.processes.size < this.options.size && started < growth) {
        if (!this.start(false)) return;
        started += 1;
      } else if (!mayTakeBack || !this.emptyForReserve()) return;
    }
  }

  private get isTimeToGrow(): boolean {
    const now = performance.now();
    const isQuiet = [...this.processes].every(
      ({ state, lastUsedAt }) => state !== 'busy' && now - lastUsedAt > QUIET_AFTER_MS,
    );
    return isQuiet || now - this.lastStartAt > GROWTH_INTERVAL_MS;
  }

  /**
   * Takes the conversation back that was used least recently. The only one there is may be continued at this moment: in a
   * busy pool it is always the one whose turn has just ended.
   */
  private emptyForReserve(): boolean {
    const held = this.idle.filter(({ isEmpty }) => !isEmpty);
    return this.emptyOldest(held.length > 1 ? 0 : CONTINUED_WITHIN_MS);
  }

  /** Takes the conversation back that was used least recently. */
  private emptyOldest(olderThanMs: number): boolean {
    if (!this.mayPassOn) return false;
    const now = performance.now();
    const oldest = leastRecent(
      this.idle.filter((process) => !process.isEmpty && now - process.lastUsedAt >= olderThanMs),
    );
    if (!oldest) return false;
    this.takeBack(oldest);
    return true;
  }

  /** Has a process forget its conversation; it is idle again afterwards. */
  private takeBack(process: PooledProcess): void {
    process.state = 'settling';
    process.isBeingEmptied = true;
    this.figures.rewinds += 1;
    process.session.empty().then(
      () => {
        process.isBeingEmptied = false;
        process.state = 'idle';
        this.listener.onReady();
      },
      // A process that cannot be taken back ends itself, which is noticed where it ends.
      () => undefined,
    );
  }

  private maintain(): void {
    if (this.isStopped) return;
    const now = performance.now();
    const byAge = this.idle.toSorted(byLastUse);
    for (const process of byAge) {
      if (!this.isOld(process)) continue;
      this.figures.retirements += 1;
      void this.end(process);
    }
    for (const process of byAge.filter(({ isIdle }) => isIdle)) {
      const isSurplus =
        this.staying > this.options.size || (process.isEmpty && this.counts.empty > this.options.maxIdle);
      if (isSurplus && now - process.lastUsedAt > SURPLUS_IDLE_MS) void this.end(process);
    }
    while (this.emptyOldest(this.options.maxHeldMs));
    this.refills.grow();
  }

  private countOf(wanted: ProcessState): number {
    return [...this.processes].filter(({ state }) => state === wanted).length;
  }

  /** How many there are without those that were told to end. */
  private get staying(): number {
    return this.processes.size - this.countOf('ending');
  }

  private get isRoom(): boolean {
    return this.processes.size < this.options.maxProcesses;
  }

  /** Processes that will be there soon for those who wait: what ends makes room for one. */
  private get onTheWay(): number {
    return this.countOf('starting') + this.countOf('ending');
  }

  private isOld(process: PooledProcess): boolean {
    if (process.turns >= this.options.maxTurns) return true;
    if (performance.now() - process.startedAt > this.options.maxAgeMs) return true;
    return (ownMemoryBytes(process.session.pid) ?? 0) > this.options.maxMemoryBytes;
  }
}

function byLastUse(left: PooledProcess, right: PooledProcess): number {
  return left.lastUsedAt - right.lastUsedAt;
}

function leastRecent(processes: readonly PooledProcess[]): PooledProcess | undefined {
  return processes.toSorted(byLastUse).at(0);
}

/** By somebody or something else: that says nothing of the next one. */
function wasKilled({ cause }: Error): boolean {
  return cause instanceof CliCrashedError && cause.signal !== null;
}

function neverServed(process: PooledProcess, { exitCode, signal, stderrTail }: ProcessEnd): CliStartError {
  // One that was given words of a client might repeat them.
  const words = process.isFresh ? lastLine(stderrTail) : '';
  const how = signal ?? `exit code ${exitCode}`;
  return new CliStartError('cli-start-failed', `the CLI ended before it had served: ${words === '' ? how : words}`);
}
