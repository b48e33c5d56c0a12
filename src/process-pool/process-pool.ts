import { createHash } from 'node:crypto';
import { Observable, of, retry, throwError, type Subscription } from 'rxjs';
import { ClaudeCliError, CliGoneError, TurnTimeoutError } from '../claude-cli/errors.ts';
import { contextKey } from '../claude-cli/context-key.ts';
import { hasOwnTools, profileKey, type Profile } from '../claude-cli/launch-options.ts';
import { messageDigest } from '../claude-cli/message-digest.ts';
import type { Turn, TurnEvent } from '../claude-cli/turn.ts';
import { DrainingError, PoolUnavailableError, QueueFullError, QueueTimeoutError } from './errors.ts';
import { LeaseQueue } from './lease-queue.ts';
import type { LeaseOptions, LeaseTier } from './lease.ts';
import type { ProcessEventReport } from './log-process-event.ts';
import { place, type Placement, type PlacementRequest, type PlacementRules } from './placement.ts';
import { PoolFigures } from './pool-figures.ts';
import type { ProcessCounts } from './pool-status.ts';
import type { PooledProcess } from './pooled-process.ts';
import { ProcessStock, type ProcessStockOptions } from './process-stock.ts';
import type { SessionLauncher } from './session.ts';

export interface ProcessPoolOptions extends ProcessStockOptions {
  readonly profile: Profile;
  readonly isolateTenants: boolean;
  readonly queueSize: number;
  readonly queueTimeoutMs: number;
  readonly turnTimeoutMs: number;
}

/** How many processes that turn out to have ended a request may meet before it fails. */
const MAX_GONE_PROCESSES = 5;

interface Waiter {
  readonly tenant: string;
  readonly request: PlacementRequest;
  readonly enteredAt: number;
  readonly serve: (placement: Placement<PooledProcess>, tier: LeaseTier, queueMs: number) => void;
  readonly refuse: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Decides which process serves which request. A request takes the idle process that fits it best, at once when there is
 * one, else it waits in line while the stock of processes grows or one comes free.
 */
export class ProcessPool {
  readonly figures = new PoolFigures();
  private readonly stock: ProcessStock;
  private readonly queue: LeaseQueue<Waiter>;
  private readonly rules: PlacementRules;
  private readonly profileKey: string;
  private isOpen = false;
  private isDraining = false;
  private leases = 0;
  private onQuiet: (() => void) | undefined;

  constructor(
    launcher: SessionLauncher,
    private readonly options: ProcessPoolOptions,
    onProcessEvent: (report: ProcessEventReport) => void = () => undefined,
  ) {
    this.profileKey = profileKey(options.profile);
    this.queue = new LeaseQueue(options.queueSize);
    this.rules = {
      canRecycle: options.reuse === 'recycle' && !hasOwnTools(options.profile),
      isolateTenants: options.isolateTenants,
    };
    this.stock = new ProcessStock(launcher, options, this.rules, this.figures, {
      onReady: () => this.serveWaiting(),
      onStartFailed: (error, isHopeless) => this.acceptStartFailure(error, isHopeless),
      onEvent: ({ session, requestId }, event) => onProcessEvent({ pid: session.pid, requestId, event }),
    });
  }

  /** Requests are served from now on, and processes kept ready for them. Until then they wait in line. */
  open(): void {
    this.isOpen = true;
    this.stock.keepWarm();
    this.serveWaiting();
  }

  /** Requests fail with this reason until `open` is called again. */
  close(reason: Error): void {
    this.isOpen = false;
    for (const waiter of this.queue.all())
      this.leave(waiter, new PoolUnavailableError(reason.message, 5, undefined, { cause: reason }));
  }

  /** Nothing new is admitted any more; what waits is refused, what runs goes on. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.stock.stop();
    for (const waiter of this.queue.all()) this.leave(waiter, new DrainingError(1));
  }

  /** Resolves when no turn runs any more. */
  async quiet(): Promise<void> {
    if (this.leases > 0) await new Promise<void>((resolve) => (this.onQuiet = resolve));
  }

  /** Ends every process. Resolves when the last has gone. */
  async end(): Promise<void> {
    this.drain();
    await this.stock.endAll();
  }

  get queued(): number {
    return this.queue.length;
  }

  /** Whether a process has been ready, so that requests need not wait for the first. */
  get isWarm(): boolean {
    return this.stock.isWarm;
  }

  /** Why no process can be had, if so. */
  get startError(): Error | undefined {
    return this.stock.startError;
  }

  get residentBytes(): number {
    return this.stock.residentBytes;
  }

  get counts(): ProcessCounts {
    return this.stock.counts;
  }

  /** Runs a turn on the process that fits it best, cold: subscribing enters the line, unsubscribing leaves it or cancels. */
  run(turn: Turn, options: LeaseOptions): Observable<TurnEvent> {
    // A process can end without anybody noticing until it is leased; the request then goes to another one.
    const retryIfGone = (error: unknown): Observable<unknown> =>
      error instanceof CliGoneError ? of(undefined) : throwError(() => error);
    return this.lease(turn, options).pipe(retry({ count: MAX_GONE_PROCESSES, delay: retryIfGone }));
  }

  private lease(turn: Turn, options: LeaseOptions): Observable<TurnEvent> {
    return new Observable((subscriber) => {
      let running: Subscription | undefined;
      let leased: PooledProcess | undefined;
      let turnTimer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        tenant: options.tenant,
        request: this.toRequest(turn, options.tenant),
        enteredAt: performance.now(),
        timer: undefined,
        refuse: (error) => subscriber.error(error),
        serve: ({ process, keep }, tier, queueMs) => {
          leased = process;
          process.requestId = options.requestId;
          this.leases += 1;
          const report = { tier, queueMs, reusedMessages: process.session.keepable(keep) };
          this.figures.countLease(report);
          options.onLeased?.(report);
          turnTimer = setTimeout(
            () => subscriber.error(new TurnTimeoutError(this.options.turnTimeoutMs)),
            this.options.turnTimeoutMs,
          );
          running = process.session.run(turn, keep).subscribe({
            next: (event) => {
              if (event.type === 'finish') this.stock.noteAnswer(process);
              subscriber.next(event);
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          });
        },
      };
      this.enter(waiter, options.isAdmitted === true);
      return () => {
        this.queue.remove(waiter);
        clearTimeout(waiter.timer);
        clearTimeout(turnTimer);
        running?.unsubscribe();
        if (leased) this.release(leased);
      };
    });
  }

  private toRequest(turn: Turn, tenant: string): PlacementRequest {
    return {
      tenant,
      profileKey: this.profileKey,
      systemKey: systemKey(this.options.profile, turn.system),
      contextKey: contextKey(turn),
      digests: turn.history.map(messageDigest),
    };
  }

  private enter(waiter: Waiter, isAdmitted: boolean): void {
    if (this.isDraining) return waiter.refuse(new DrainingError(1));
    if (this.isOpen && this.queue.length === 0 && this.tryServe(waiter)) return;
    if (this.queue.isFull && !isAdmitted) {
      this.figures.refusedQueueFull += 1;
      return waiter.refuse(new QueueFullError(1));
    }
    this.queue.add(waiter);
    waiter.timer = setTimeout(() => {
      this.figures.refusedQueueTimeout += 1;
      this.leave(waiter, new QueueTimeoutError(this.options.queueTimeoutMs, 1));
    }, this.options.queueTimeoutMs);
    if (this.isOpen) this.serveWaiting();
  }

  private leave(waiter: Waiter, error: Error): void {
    this.queue.remove(waiter);
    clearTimeout(waiter.timer);
    waiter.refuse(error);
  }

  /** Serves whom the idle processes allow, in the order of the line, and sees to processes for the rest. */
  private serveWaiting(): void {
    if (!this.isOpen || this.isDraining) return;
    let served = true;
    while (served) {
      served = false;
      for (const waiter of this.queue.heads()) {
        if (!this.tryServe(waiter)) continue;
        served = true;
        break;
      }
    }
    const waiting = this.queue.all();
    if (waiting.length > 0) this.stock.provide(waiting.map(({ request }) => request));
  }

  private tryServe(waiter: Waiter): boolean {
    const placement = place(waiter.request, this.stock.idle, this.rules);
    if (!placement) return false;
    if (waiter.timer) {
      clearTimeout(waiter.timer);
      this.queue.serve(waiter);
    }
    const { process } = placement;
    const tier = process.isFresh && process.isOnDemand ? 'started' : placement.tier;
    process.take(waiter.request);
    waiter.serve(placement, tier, performance.now() - waiter.enteredAt);
    this.stock.keepWarm();
    return true;
  }

  private release(process: PooledProcess): void {
    process.state = 'settling';
    void process.session.settle().then(() => {
      this.leases -= 1;
      process.requestId = undefined;
      if (this.leases === 0) this.onQuiet?.();
      this.stock.putBack(process);
    });
  }

  private acceptStartFailure(error: Error, isHopeless: boolean): void {
    // As long as another process lives, it will serve those who wait; a CLI that is being checked will soon.
    if (!isHopeless || isBeingChecked(error)) return;
    const seconds = Math.ceil(this.stock.retryAfterMs / 1000);
    const code = error instanceof ClaudeCliError ? error.code : undefined;
    for (const waiter of this.queue.all()) {
      this.leave(
        waiter,
        new PoolUnavailableError('the CLI could not be started', Math.max(1, seconds), code, { cause: error }),
      );
    }
  }
}

/** Equal for equal system texts; constant where a process takes them live. */
function systemKey(profile: Profile, system: readonly string[]): string {
  return profile.lean ? '' : createHash('sha256').update(JSON.stringify(system)).digest('base64');
}

function isBeingChecked(error: Error): boolean {
  return error instanceof ClaudeCliError && error.code === 'cli-changed';
}
