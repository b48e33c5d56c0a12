import { createHash } from 'node:crypto';
import { Observable, type Subscription } from 'rxjs';
import { TurnTimeoutError, type ClaudeCliError } from '../../claude-cli/errors.ts';
import { contextKey } from '../../claude-cli/session/context-key.ts';
import { hasOwnTools, profileKey, type Profile } from '../../claude-cli/transport/launch-options.ts';
import { messageDigest } from '../../claude-cli/session/message-digest.ts';
import type { Turn, TurnEvent } from '../../claude-cli/turn/turn.ts';
import { consume } from '../../common/consume.ts';
import type { LeaseOptions, SettledTurn, UpstreamGate } from './lease.ts';
import type { ProcessEventReport } from '../stock/log-process-events.ts';
import type { PlacementRequest, PlacementRules } from './placement.ts';
import { PoolFigures } from '../figures/pool-figures.ts';
import type { ProcessCounts } from '../pool-status.ts';
import type { PooledProcess } from '../stock/pooled-process.ts';
import { ProcessStock, type ProcessStockOptions } from '../stock/process-stock.ts';
import { retryTurn } from './retry-turn.ts';
import type { SessionLauncher } from '../stock/session.ts';
import { TurnDeadline } from './turn-deadline.ts';
import { WaitingRoom, type Waiter, type WaitingRoomOptions } from './waiting-room.ts';

export interface ProcessPoolOptions extends ProcessStockOptions, WaitingRoomOptions {
  readonly isolateTenants: boolean;
  readonly turnTimeoutMs: number;
  /** See `TurnRetryOptions`. */
  readonly maxCutRetries: number;
}

export interface RunOptions extends LeaseOptions {
  readonly gate?: UpstreamGate;
  /** Called with the reason when a turn is repeated on another process. */
  readonly onRetry?: (error: ClaudeCliError) => void;
}

/** Runs turns on processes: leases a process, enforces the deadline, retries, counts, drains. */
export class ProcessPool {
  readonly figures = new PoolFigures();
  private readonly stock: ProcessStock;
  private readonly waiting: WaitingRoom;
  private readonly rules: PlacementRules;
  private isDraining = false;
  private leases = 0;
  /** Open answers, which may need further turns. */
  private answers = 0;
  private onQuiet: (() => void) | undefined;

  constructor(
    launcher: SessionLauncher,
    private readonly options: ProcessPoolOptions,
    onProcessEvent: (report: ProcessEventReport) => void = () => undefined,
  ) {
    this.rules = {
      canRecycle: options.reuse === 'recycle',
      isolateTenants: options.isolateTenants,
    };
    this.stock = new ProcessStock(launcher, options, this.rules, this.figures, {
      onReady: () => this.waiting.serveWaiting(),
      onStartFailed: (error, isHopeless) => this.waiting.acceptStartFailure(error, isHopeless),
      onEvent: ({ session, requestId }, event) => onProcessEvent({ pid: session.pid, requestId, event }),
    });
    this.waiting = new WaitingRoom(options, this.rules, this.figures, this.stock);
  }

  /** Serves requests and keeps spares ready from now on. Earlier requests stay queued. */
  open(): void {
    this.waiting.open();
  }

  /** Refuses new and queued requests; begun answers run to their end. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.stock.stopRefilling();
    this.waiting.drain();
    this.endAnswerless();
  }

  /**
   * Keeps processes for an answer that may need further turns, even while the pool drains, until the returned function is
   * called.
   */
  keepOpen(): () => void {
    this.answers += 1;
    return () => {
      this.answers -= 1;
      if (this.isDraining) this.endAnswerless();
    };
  }

  /** Resolves when no turn runs and none can follow. */
  async quiet(): Promise<void> {
    if (!this.isQuiet) await new Promise<void>((resolve) => (this.onQuiet = resolve));
  }

  /** Ends every process. Resolves when the last has exited. */
  async end(): Promise<void> {
    this.drain();
    await this.stock.endAll();
  }

  get queued(): number {
    return this.waiting.length;
  }

  /** Whether requests find a ready process; see `ProcessStarter.isWarm`. */
  get isWarm(): boolean {
    return this.stock.isWarm;
  }

  /** Why no process is available; undefined if one is. */
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

  /**
   * Runs a turn on the process that fits it best. Cold: subscribing queues the turn, unsubscribing removes or cancels it.
   */
  run(turn: Turn, options: RunOptions): Observable<TurnEvent> {
    const deadline = new TurnDeadline(this.options.turnTimeoutMs);
    const events = retryTurn((attempt) => this.lease(turn, options, deadline, attempt > 0), {
      // The model's own tools have effects that must not happen twice.
      isRepeatable: !hasOwnTools(options.profile ?? this.options.profile),
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
      // Further choices of a request skip the gate that its first one passed.
      const gate = options.isAdmitted === true ? undefined : options.gate;
      let kind: SettledTurn['kind'] = 'cancelled';
      let running: Subscription | undefined;
      let leased: PooledProcess | undefined;
      let turnTimer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        tenant: options.tenant,
        request: toRequest(turn, options.tenant, options.profile ?? this.options.profile),
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
      else this.waiting.enter(waiter);
      return () => {
        this.waiting.remove(waiter);
        clearTimeout(turnTimer);
        running?.unsubscribe();
        if (leased) this.release(leased, (spent) => this.account({ kind, ...spent }, options));
      };
    });
  }

  private get isQuiet(): boolean {
    return this.leases === 0 && this.answers === 0;
  }

  /** Ends idle processes once no open answer can need them. */
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
}

function toRequest(turn: Turn, tenant: string, profile: Profile): PlacementRequest {
  return {
    tenant,
    profile,
    profileKey: profileKey(profile),
    systemKey: systemKey(profile, turn.system),
    contextKey: contextKey(turn),
    digests: turn.history.map(messageDigest),
  };
}

/** Equal for equal system texts; constant if a process accepts changed ones. */
function systemKey(profile: Profile, system: readonly string[]): string {
  return profile.lean ? '' : createHash('sha256').update(JSON.stringify(system)).digest('base64');
}
