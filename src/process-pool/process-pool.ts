import { createHash } from 'node:crypto';
import { Observable, type Subscription } from 'rxjs';
import { ClaudeCliError, TurnTimeoutError } from '../claude-cli/errors.ts';
import { contextKey } from '../claude-cli/context-key.ts';
import { hasOwnTools, profileKey, type Profile } from '../claude-cli/launch-options.ts';
import { messageDigest } from '../claude-cli/message-digest.ts';
import type { Turn, TurnEvent } from '../claude-cli/turn.ts';
import { consume } from '../common/consume.ts';
import { DrainingError, PoolUnavailableError, QueueFullError, QueueTimeoutError } from './errors.ts';
import { LeaseQueue } from './lease-queue.ts';
import type { LeaseOptions, LeaseTier, SettledTurn, UpstreamGate } from './lease.ts';
import type { ProcessEventReport } from './log-process-event.ts';
import { place, type Placement, type PlacementRequest, type PlacementRules } from './placement.ts';
import { PoolFigures } from './pool-figures.ts';
import type { ProcessCounts } from './pool-status.ts';
import type { PooledProcess } from './pooled-process.ts';
import { ProcessStock, type ProcessStockOptions } from './process-stock.ts';
import { retryTurn } from './retry-turn.ts';
import type { SessionLauncher } from './session.ts';

export interface ProcessPoolOptions extends ProcessStockOptions {
  readonly profile: Profile;
  readonly isolateTenants: boolean;
  readonly queueSize: number;
  readonly queueTimeoutMs: number;
  readonly turnTimeoutMs: number;
  /** See `TurnRetryOptions`. */
  readonly maxCutRetries: number;
}

export interface RunOptions extends LeaseOptions {
  readonly gate?: UpstreamGate;
  /** Told why a turn is begun again on another process. */
  readonly onRetry?: (error: ClaudeCliError) => void;
}

interface Waiter {
  readonly tenant: string;
  readonly request: PlacementRequest;
  readonly enteredAt: number;
  /** Whether what it belongs to has begun, so that it is not sent away. */
  readonly isAdmitted: boolean;
  /** Why it may not go upstream at this moment, if so. */
  readonly admit: () => Error | undefined;
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
  /** Answers that go on, of which another turn may still come. */
  private answers = 0;
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

  /** Nothing new is admitted any more; what waits is refused, what has begun goes on to its end. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.stock.stopRefilling();
    for (const waiter of this.queue.all()) if (!waiter.isAdmitted) this.leave(waiter, new DrainingError(1));
    this.endAnswerless();
  }

  /**
   * Keeps processes for an answer that may take further turns, though the pool drains meanwhile, until the returned
   * function is called.
   */
  keepOpen(): () => void {
    this.answers += 1;
    return () => {
      this.answers -= 1;
      if (this.isDraining) this.endAnswerless();
    };
  }

  /** Resolves when no turn runs any more, and none can come. */
  async quiet(): Promise<void> {
    if (!this.isQuiet) await new Promise<void>((resolve) => (this.onQuiet = resolve));
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

  /** Whether a process holds a conversation of a tenant; see `heldDigest`. */
  holds(tenant: string, digest: string): boolean {
    return this.stock.holds(tenant, digest);
  }

  get counts(): ProcessCounts {
    return this.stock.counts;
  }

  /** Runs a turn on the process that fits it best, cold: subscribing enters the line, unsubscribing leaves it or cancels. */
  run(turn: Turn, options: RunOptions): Observable<TurnEvent> {
    const deadline = new TurnDeadline(this.options.turnTimeoutMs);
    const events = retryTurn((attempt) => this.lease(turn, options, deadline, attempt > 0), {
      // What the model did with tools of its own must not be done twice.
      isRepeatable: !hasOwnTools(this.options.profile),
      maxCutRetries: this.options.maxCutRetries,
      isWhole: options.isWhole === true,
      onRetry: (error) => {
        this.figures.retries += 1;
        options.onRetry?.(error);
      },
    });
    return new Observable((subscriber) => {
      subscriber.add(this.keepOpen());
      subscriber.add(events.subscribe(subscriber));
    });
  }

  private lease(turn: Turn, options: RunOptions, deadline: TurnDeadline, isRetry: boolean): Observable<TurnEvent> {
    return new Observable((subscriber) => {
      // A further choice of a request goes where its first one went.
      const gate = options.isAdmitted === true ? undefined : options.gate;
      let kind: SettledTurn['kind'] = 'cancelled';
      let running: Subscription | undefined;
      let leased: PooledProcess | undefined;
      let turnTimer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        tenant: options.tenant,
        request: this.toRequest(turn, options.tenant),
        enteredAt: performance.now(),
        isAdmitted: isRetry || options.isAdmitted === true,
        timer: undefined,
        admit: () => gate?.enter(),
        refuse: (error) => subscriber.error(error),
        serve: ({ process, keep }, tier, queueMs) => {
          leased = process;
          process.requestId = options.requestId;
          this.leases += 1;
          this.figures.spending.addOverhead(process.takeSpending());
          const report = { tier, queueMs, reusedMessages: process.session.keepable(keep) };
          this.figures.countLease(report);
          options.onLeased?.(report);
          turnTimer = setTimeout(() => {
            kind = 'failed';
            subscriber.error(new TurnTimeoutError(this.options.turnTimeoutMs));
          }, deadline.remainingMs());
          running = consume(process.session.run(turn, keep), {
            next: (event) => {
              if (event.type === 'start') options.gate?.accepted();
              else options.onPiece?.();
              if (event.type === 'finish') {
                kind = 'answered';
                this.stock.noteAnswer(process);
              }
              subscriber.next(event);
            },
            error: (error: unknown) => {
              kind = 'failed';
              subscriber.error(options.gate ? options.gate.failed(error) : error);
            },
            complete: () => subscriber.complete(),
          });
        },
      };
      const refusal = gate?.refusal();
      if (refusal) waiter.refuse(refusal);
      else this.enter(waiter);
      return () => {
        this.queue.remove(waiter);
        clearTimeout(waiter.timer);
        clearTimeout(turnTimer);
        running?.unsubscribe();
        if (leased) this.release(leased, (spent) => this.account({ kind, ...spent }, options));
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

  private enter(waiter: Waiter): void {
    if (this.isDraining && !waiter.isAdmitted) return waiter.refuse(new DrainingError(1));
    if (this.isOpen && this.queue.length === 0 && this.tryServe(waiter)) return;
    if (this.queue.isFull && !waiter.isAdmitted) {
      this.figures.refusedQueueFull += 1;
      return waiter.refuse(new QueueFullError(1));
    }
    this.queue.add(waiter);
    waiter.timer = setTimeout(() => this.timeOut(waiter), this.options.queueTimeoutMs);
    if (this.isOpen) this.serveWaiting();
  }

  private timeOut(waiter: Waiter): void {
    const failure = this.stock.whyNoneSince(waiter.enteredAt);
    if (failure) return this.leave(waiter, this.cannotStart(failure));
    this.figures.refusedQueueTimeout += 1;
    this.leave(waiter, new QueueTimeoutError(this.options.queueTimeoutMs, 1));
  }

  private leave(waiter: Waiter, error: Error): void {
    this.queue.remove(waiter);
    clearTimeout(waiter.timer);
    waiter.refuse(error);
  }

  /** Serves whom the idle processes allow, in the order of the line, and sees to processes for the rest. */
  private serveWaiting(): void {
    if (!this.isOpen) return;
    while (this.serveOne());
    const waiting = this.queue.all();
    if (waiting.length > 0) this.stock.provide(waiting.map(({ request }) => request));
  }

  /** Serves the first of the line whom an idle process allows. Those whose turn it is come before what suits others. */
  private serveOne(): boolean {
    const passed: PlacementRequest[] = [];
    for (const waiter of this.queue.heads()) {
      if (this.tryServe(waiter)) return true;
      passed.push(waiter.request);
      this.stock.makeRoom(passed);
    }
    return false;
  }

  private tryServe(waiter: Waiter): boolean {
    const placement = place(waiter.request, this.stock.idle, this.rules);
    if (!placement) return false;
    if (waiter.timer) {
      clearTimeout(waiter.timer);
      this.queue.serve(waiter);
    }
    try {
      this.serve(waiter, placement);
    } catch (error) {
      // It may be served in the course of another request, which has nothing to do with it.
      waiter.refuse(error as Error);
    }
    return true;
  }

  private serve(waiter: Waiter, placement: Placement<PooledProcess>): void {
    const refusal = waiter.admit();
    if (refusal) return waiter.refuse(refusal);
    const { process } = placement;
    const tier = process.isFresh && process.isOnDemand ? 'started' : placement.tier;
    process.take(waiter.request);
    waiter.serve(placement, tier, performance.now() - waiter.enteredAt);
    this.stock.keepWarmLater();
  }

  private get isQuiet(): boolean {
    return this.leases === 0 && this.answers === 0;
  }

  /** Ends what is idle once no answer can need it. */
  private endAnswerless(): void {
    if (this.answers > 0) return;
    this.stock.stop();
    if (this.isQuiet) this.onQuiet?.();
  }

  private account(turn: SettledTurn, options: RunOptions): void {
    this.figures.spending.countTurn(turn.kind, turn.spending, turn.isAccounted);
    options.onSettled?.(turn);
  }

  private release(process: PooledProcess, onSettled: (spent: Omit<SettledTurn, 'kind'>) => void): void {
    process.state = 'settling';
    void process.session.settle().then(() => {
      const spending = process.takeSpending();
      onSettled({ spending, isAccounted: !process.session.hasEnded || spending.costUsd > 0 });
      this.leases -= 1;
      process.requestId = undefined;
      this.stock.putBack(process);
      if (this.isQuiet) this.onQuiet?.();
    });
  }

  private acceptStartFailure(error: Error, isHopeless: boolean): void {
    // As long as another process lives, it will serve those who wait; a CLI that is being checked will soon.
    if (!isHopeless || isBeingChecked(error)) return;
    for (const waiter of this.queue.all()) this.leave(waiter, this.cannotStart(error));
  }

  private cannotStart(cause: Error): PoolUnavailableError {
    const seconds = Math.ceil(this.stock.retryAfterMs / 1000);
    const code = cause instanceof ClaudeCliError ? cause.code : undefined;
    return new PoolUnavailableError('the CLI could not be started', Math.max(1, seconds), code, { cause });
  }
}

/** The time that a turn may take on all processes together, from its first lease on. */
class TurnDeadline {
  private endsAt: number | undefined;

  constructor(private readonly timeoutMs: number) {}

  remainingMs(): number {
    const now = performance.now();
    this.endsAt ??= now + this.timeoutMs;
    return Math.max(0, this.endsAt - now);
  }
}

/** Equal for equal system texts; constant where a process takes them live. */
function systemKey(profile: Profile, system: readonly string[]): string {
  return profile.lean ? '' : createHash('sha256').update(JSON.stringify(system)).digest('base64');
}

function isBeingChecked(error: Error): boolean {
  return error instanceof ClaudeCliError && error.code === 'cli-changed';
}
