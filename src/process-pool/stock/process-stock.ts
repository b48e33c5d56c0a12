import type { SessionEvent } from '../../claude-cli/session/session-event.ts';
import { ownMemoryBytes } from '../system/own-memory.ts';
import { fits, isRecyclable, type PlacementRequest, type PlacementRules } from '../pool/placement.ts';
import type { PoolFigures } from '../figures/pool-figures.ts';
import type { ProcessCounts } from '../pool-status.ts';
import type { PooledProcess } from './pooled-process.ts';
import { ProcessReserve, type ProcessReserveOptions } from './process-reserve.ts';
import { byLastUse, leastRecent, ProcessSet } from './process-set.ts';
import { ProcessStarter } from './process-starter.ts';
import type { SessionLauncher } from './session.ts';

export interface ProcessStockOptions extends ProcessReserveOptions {
  readonly reuse: 'recycle' | 'fresh';
  /** Maximum live processes. */
  readonly maxProcesses: number;
  /** Maximum empty processes that stay. */
  readonly maxIdle: number;
  readonly maxTurns: number;
  readonly maxAgeMs: number;
  readonly maxMemoryBytes: number;
  /** How long a process holds a conversation that is not continued; 0: until its turn ends. */
  readonly maxHeldMs: number;
}

export interface ProcessStockListener {
  /** A process has become idle, or there is room for another one. */
  onReady(): void;
  /** @param isHopeless whether no other live process could serve instead */
  onStartFailed(error: Error, isHopeless: boolean): void;
  onEvent(process: PooledProcess, event: SessionEvent): void;
}

/** How long a process beyond `size` stays idle before it is ended. */
const SURPLUS_IDLE_MS = 30_000;
const UPKEEP_INTERVAL_MS = 5_000;

/** The processes of the pool: has enough of them started, and ends those that are old, large or too many. */
export class ProcessStock {
  private readonly processes = new ProcessSet();
  private readonly starter: ProcessStarter;
  private readonly reserve: ProcessReserve;
  private readonly upkeep: NodeJS.Timeout;
  private isStopped = false;

  constructor(
    launcher: SessionLauncher,
    private readonly options: ProcessStockOptions,
    private readonly rules: PlacementRules,
    private readonly figures: PoolFigures,
    private readonly listener: ProcessStockListener,
  ) {
    const serve = (): void => {
      if (this.isStopped) return;
      listener.onReady();
      this.keepWarm();
    };
    this.starter = new ProcessStarter(launcher, this.processes, figures, {
      onStarted: serve,
      onStartFailed: (error, isHopeless) => listener.onStartFailed(error, isHopeless),
      onRetry: serve,
      onEnd: serve,
      onEvent: (process, event) => listener.onEvent(process, event),
    });
    this.reserve = new ProcessReserve(options, rules, this.processes, this.starter, figures, () => listener.onReady());
    this.upkeep = setInterval(() => this.maintain(), UPKEEP_INTERVAL_MS);
    this.upkeep.unref();
  }

  get idle(): PooledProcess[] {
    return this.processes.idle;
  }

  /** Whether a process holds a conversation of a tenant; see `heldDigest`. */
  holds(tenant: string, digest: string): boolean {
    return this.processes.holds(tenant, digest);
  }

  /** See `ProcessStarter.isWarm`. */
  get isWarm(): boolean {
    return this.starter.isWarm;
  }

  /** See `ProcessStarter.startError`. */
  get startError(): Error | undefined {
    return this.starter.startError;
  }

  /** See `ProcessStarter.whyNoneSince`. */
  whyNoneSince(time: number): Error | undefined {
    return this.starter.whyNoneSince(time);
  }

  get retryAfterMs(): number {
    return this.starter.retryAfterMs;
  }

  get counts(): ProcessCounts {
    return this.processes.counts;
  }

  /** See `ProcessSet.residentBytes`. */
  get residentBytes(): number {
    return this.processes.residentBytes;
  }

  /** Provides processes for requests that found none: starts them, or evicts idle ones to make room. */
  provide(waiting: readonly PlacementRequest[]): void {
    if (this.isStopped) return;
    for (const { profile } of this.withoutStart(waiting)) {
      if (!this.isRoom) break;
      if (!this.starter.start(profile, true)) return;
    }
    while (!this.isRoom && this.onTheWay < waiting.length) if (!this.evict(this.useless(waiting))) return;
  }

  /**
   * Evicts idle processes for the heads of the queue if they fit later requests only. Otherwise a tenant that keeps the
   * pool busy could starve the others.
   */
  makeRoom(heads: readonly PlacementRequest[]): void {
    if (this.isStopped) return;
    while (!this.isRoom && this.onTheWay < heads.length) {
      if (!this.evict(leastRecent(this.idle))) return;
    }
  }

  /** Refills the reserve of empty processes. */
  keepWarm(): void {
    this.reserve.refillSoon();
  }

  /** Refills the reserve after a process was taken, without slowing its request down. */
  keepWarmLater(): void {
    this.reserve.refillLater();
  }

  noteAnswer(process: PooledProcess): void {
    process.completedTurns += 1;
    this.starter.noteAnswer();
  }

  /** Takes a process back after a turn: it becomes idle, or ends if it has exceeded its limits. */
  putBack(process: PooledProcess): void {
    if (process.session.hasEnded) return;
    process.turns += 1;
    process.lastUsedAt = performance.now();
    const isSpent = !isRecyclable(process, this.rules) && process.held.length === 0;
    if (this.isStopped || isSpent || this.isOld(process)) {
      if (!this.isStopped && !isSpent) this.figures.retirements += 1;
      void this.end(process);
    } else if (this.options.maxHeldMs === 0 && process.held.length > 0) {
      this.letGo(process);
    } else {
      process.state = 'idle';
      this.listener.onReady();
    }
    this.keepWarm();
  }

  /** Stops the reserve. */
  stopRefilling(): void {
    this.reserve.stop();
  }

  /** Starts no further processes, and ends the idle ones. */
  stop(): void {
    this.isStopped = true;
    clearInterval(this.upkeep);
    this.starter.stop();
    this.reserve.stop();
    for (const process of this.idle) void this.end(process);
  }

  async endAll(): Promise<void> {
    this.stop();
    await Promise.all(this.processes.all.map((process) => this.end(process)));
  }

  private end(process: PooledProcess): Promise<unknown> {
    process.state = 'ending';
    return process.session.end();
  }

  /** Rewinds a process, or ends it if it must not serve another conversation. */
  private letGo(process: PooledProcess): void {
    if (isRecyclable(process, this.rules)) this.reserve.empty(process);
    else void this.end(process);
  }

  /** Ends a process to make room; false without one. */
  private evict(process: PooledProcess | undefined): boolean {
    if (!process) return false;
    this.figures.evictions += 1;
    void this.end(process);
    return true;
  }

  /** The requests for which no process of their profile is starting yet. */
  private withoutStart(waiting: readonly PlacementRequest[]): PlacementRequest[] {
    const starting = this.processes.all
      .filter(({ state }) => state === 'starting')
      .map((process) => process.profileKey);
    return waiting.filter(({ profileKey }) => {
      const position = starting.indexOf(profileKey);
      if (position !== -1) starting.splice(position, 1);
      return position === -1;
    });
  }

  /** Whether a process may serve any request after a rewind. */
  private mayPassOn(process: PooledProcess): boolean {
    return isRecyclable(process, this.rules) && !this.rules.isolateTenants;
  }

  /** The least recently used idle process that fits none of the queued requests. */
  private useless(waiting: readonly PlacementRequest[]): PooledProcess | undefined {
    return leastRecent(
      this.idle.filter((process) => !this.mayPassOn(process) || !waiting.some((request) => fits(process, request))),
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
    for (const process of this.idle) {
      if (!process.isEmpty && now - process.lastUsedAt >= this.options.maxHeldMs) this.letGo(process);
    }
    this.reserve.grow();
  }

  /** The number of processes that are not ending. */
  private get staying(): number {
    return this.processes.size - this.processes.count('ending');
  }

  private get isRoom(): boolean {
    return this.processes.size < this.options.maxProcesses;
  }

  /** Processes that will serve soon: an ending one makes room for another. */
  private get onTheWay(): number {
    return this.processes.count('starting') + this.processes.count('ending');
  }

  private isOld(process: PooledProcess): boolean {
    if (process.turns >= this.options.maxTurns) return true;
    if (performance.now() - process.startedAt > this.options.maxAgeMs) return true;
    return (ownMemoryBytes(process.session.pid) ?? 0) > this.options.maxMemoryBytes;
  }
}
