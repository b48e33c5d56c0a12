import { ClaudeCliError } from '../../claude-cli/errors.ts';
import { DrainingError, PoolUnavailableError, QueueFullError, QueueTimeoutError } from '../errors.ts';
import { LeaseQueue } from './lease-queue.ts';
import type { LeaseTier } from './lease.ts';
import { place, type Placement, type PlacementRequest, type PlacementRules } from './placement.ts';
import type { PoolFigures } from '../figures/pool-figures.ts';
import type { PooledProcess } from '../stock/pooled-process.ts';
import type { ProcessStock } from '../stock/process-stock.ts';

/** A request that waits for a process. */
export interface Waiter {
  readonly tenant: string;
  readonly request: PlacementRequest;
  readonly enteredAt: number;
  /** Whether its answer has begun, so that a full queue or a drain does not refuse it. */
  readonly isAdmitted: boolean;
  /** Why it must not go upstream at this moment; undefined if it may. */
  readonly admit: () => Error | undefined;
  readonly serve: (placement: Placement<PooledProcess>, tier: LeaseTier, queueMs: number) => void;
  readonly refuse: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

export interface WaitingRoomOptions {
  readonly queueSize: number;
  readonly queueTimeoutMs: number;
}

/** The queue in front of the processes. A request takes the idle process that fits it best, at once or in queue order. */
export class WaitingRoom {
  private readonly queue: LeaseQueue<Waiter>;
  private isOpen = false;
  private isDraining = false;

  constructor(
    private readonly options: WaitingRoomOptions,
    private readonly rules: PlacementRules,
    private readonly figures: PoolFigures,
    private readonly stock: ProcessStock,
  ) {
    this.queue = new LeaseQueue(options.queueSize);
  }

  get length(): number {
    return this.queue.length;
  }

  /** Serves requests from now on; until then they wait. */
  open(): void {
    this.isOpen = true;
    this.stock.keepWarm();
    this.serveWaiting();
  }

  /** Refuses new and queued requests, except those whose answer has begun. */
  drain(): void {
    this.isDraining = true;
    for (const waiter of this.queue.all()) if (!waiter.isAdmitted) this.leave(waiter, new DrainingError(1));
  }

  enter(waiter: Waiter): void {
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

  /** Removes a request without an answer; does nothing if it is not queued. */
  remove(waiter: Waiter): void {
    this.queue.remove(waiter);
    clearTimeout(waiter.timer);
  }

  /** Serves every waiter that an idle process fits, in queue order; provides processes for the others. */
  serveWaiting(): void {
    if (!this.isOpen) return;
    while (this.serveOne());
    const waiting = this.queue.all();
    if (waiting.length > 0) this.stock.provide(waiting.map(({ request }) => request));
  }

  /** Fails the waiters if no process can serve them soon. */
  acceptStartFailure(error: Error, isHopeless: boolean): void {
    // Another live process will serve them; so will a CLI that is being checked.
    if (!isHopeless || isBeingChecked(error)) return;
    for (const waiter of this.queue.all()) this.leave(waiter, this.cannotStart(error));
  }

  private timeOut(waiter: Waiter): void {
    const failure = this.stock.whyNoneSince(waiter.enteredAt);
    if (failure) return this.leave(waiter, this.cannotStart(failure));
    this.figures.refusedQueueTimeout += 1;
    this.leave(waiter, new QueueTimeoutError(this.options.queueTimeoutMs, 1));
  }

  private leave(waiter: Waiter, error: Error): void {
    this.remove(waiter);
    waiter.refuse(error);
  }

  /** Serves the first waiter that an idle process fits. The heads of the queue come before later requests. */
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
      // Another request may have caused this call; the error belongs to the waiter alone.
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

  private cannotStart(cause: Error): PoolUnavailableError {
    const seconds = Math.ceil(this.stock.retryAfterMs / 1000);
    const code = cause instanceof ClaudeCliError ? cause.code : undefined;
    return new PoolUnavailableError('the CLI could not be started', Math.max(1, seconds), code, { cause });
  }
}

function isBeingChecked(error: Error): boolean {
  return error instanceof ClaudeCliError && error.code === 'cli-changed';
}
