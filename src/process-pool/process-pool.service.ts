import { setTimeout as delay } from 'node:timers/promises';
import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { firstValueFrom, from, of, switchMap, throwError, timeout, type Observable } from 'rxjs';
import type { CatalogueModel } from '../claude-cli/session/initialization.ts';
import type { Turn, TurnEvent } from '../claude-cli/turn/turn.ts';
import { Logger } from '../common/logging/logger.ts';
import { ProcessPoolSettings, ServerSettings } from '../config/settings.ts';
import { DrainingError, PoolUnavailableError, QueueTimeoutError } from './errors.ts';
import type { LeaseOptions, SettledTurn } from './pool/lease.ts';
import type { PoolFiguresSnapshot } from './figures/pool-figures.ts';
import { PoolPreparation, type PreparedPool } from './pool-preparation.ts';
import type { PoolProblem, PoolStatus } from './pool-status.ts';
import { RunDirectory } from './system/run-directory.ts';
import { UpstreamWatch } from './upstream/upstream-watch.ts';

/** The pause between two attempts of the checks before readiness. */
const RETRY_PREPARATION_MS = 10_000;

/**
 * The pool for the rest of the service: prepares it (version, canary, credentials), runs turns, reports its status, and
 * ends every process at shutdown.
 */
@Injectable()
export class ProcessPoolService implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private prepared: PreparedPool | undefined;
  private problem: PoolProblem | undefined;
  private preparing: Promise<void> = Promise.resolve();
  private endFirstAttempt: () => void = () => undefined;
  /** Resolves after the first attempt of the checks, passed or failed. */
  private readonly firstAttempt = new Promise<void>((resolve) => (this.endFirstAttempt = resolve));

  constructor(
    private readonly preparation: PoolPreparation,
    private readonly server: ServerSettings,
    private readonly settings: ProcessPoolSettings,
    private readonly logger: Logger,
    private readonly upstream: UpstreamWatch,
    private readonly runDirectory: RunDirectory,
  ) {}

  onApplicationBootstrap(): void {
    this.preparing = this.prepare();
  }

  /** The models that the CLI can serve; empty until it has reported them. */
  get catalogue(): readonly CatalogueModel[] {
    return this.prepared?.catalogue ?? [];
  }

  get isDraining(): boolean {
    return this.stopping.signal.aborted;
  }

  status(): PoolStatus {
    const { prepared } = this;
    const problem =
      this.problem ?? prepared?.problem() ?? this.upstream.problem ?? toProblem(prepared?.pool.startError);
    return {
      state: this.isDraining ? 'draining' : problem ? 'unavailable' : prepared?.pool.isWarm ? 'ready' : 'starting',
      ...(problem && { problem }),
      ...(prepared && { cliVersion: prepared.cliVersion }),
      credentials: this.preparation.credentials(),
      processes: prepared?.pool.counts ?? { starting: 0, empty: 0, live: 0, busy: 0, settling: 0 },
      queued: prepared?.pool.queued ?? 0,
      upstream: this.upstream.status,
    };
  }

  /** Whether a process holds a conversation of a tenant; see `heldDigest`. */
  holds(tenant: string, digest: string): boolean {
    return this.prepared?.pool.holds(tenant, digest) ?? false;
  }

  figures(): PoolFiguresSnapshot | undefined {
    return this.prepared?.pool.figures.snapshot();
  }

  /** The unshared memory of all processes, in bytes; 0 if the system does not report it. */
  residentBytes(): number {
    return this.prepared?.pool.residentBytes ?? 0;
  }

  /** Resolves after the first attempt of the checks, passed or failed, at the latest after the queue timeout. */
  untilChecked(): Promise<void> {
    if (this.prepared || this.problem) return Promise.resolve();
    const first = this.settings.queueTimeoutSeconds * 1000;
    return firstValueFrom(from(this.firstAttempt).pipe(timeout({ first, with: () => of(undefined) })));
  }

  /** Runs a turn. Cold: subscribing queues it, unsubscribing removes or cancels it. */
  run(turn: Turn, options: LeaseOptions): Observable<TurnEvent> {
    if (this.prepared || this.problem) return this.runNow(turn, options);
    // Requests during the start wait for the checks.
    const queueTimeoutMs = this.settings.queueTimeoutSeconds * 1000;
    return from(this.firstAttempt).pipe(
      timeout({ first: queueTimeoutMs, with: () => throwError(() => new QueueTimeoutError(queueTimeoutMs, 1)) }),
      switchMap(() => this.runNow(turn, options)),
    );
  }

  /**
   * Keeps processes for an answer that may need further turns, even during shutdown, until the returned function is called.
   */
  keepOpen(): () => void {
    return this.prepared?.pool.keepOpen() ?? (() => undefined);
  }

  /** Refuses new requests. */
  drain(): void {
    this.stopping.abort();
    this.prepared?.pool.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.drain();
    await this.prepared?.loginProbe.stop();
    const deadline = delay(this.server.drainSeconds * 1000, undefined, { ref: false });
    await Promise.race([this.prepared?.pool.quiet(), deadline]);
    // Fail the turns that still run, so that their clients get an error before the connections close.
    await this.prepared?.pool.end();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.preparing;
    await Promise.all([this.prepared?.loginProbe.stop(), this.prepared?.pool.end()]);
    await this.runDirectory.close();
  }

  private runNow(turn: Turn, options: LeaseOptions): Observable<TurnEvent> {
    if (this.isDraining && !this.prepared) return throwError(() => new DrainingError(1));
    const problem = this.problem ?? this.prepared?.problem();
    if (problem || !this.prepared)
      return throwError(
        () => new PoolUnavailableError(problem?.message ?? 'the service is starting', 10, problem?.code),
      );
    return this.prepared.pool.run(turn, {
      ...options,
      onSettled: (settled) => this.tellSettled(settled, options),
      gate: this.upstream.gate(turn.model),
      onRetry: (error) => this.logger.warn({ error }, 'a process failed its turn; it is begun again on another one'),
    });
  }

  /** Logs what `onSettled` throws: the request has ended, and the pool must not lose the process. */
  private tellSettled(settled: SettledTurn, { onSettled, requestId }: LeaseOptions): void {
    try {
      onSettled?.(settled);
    } catch (error) {
      this.logger.error({ requestId, error }, 'what a turn took could not be counted');
    }
  }

  private async prepare(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.prepared) {
      try {
        this.prepared = await this.preparation.prepare(signal);
        this.problem = undefined;
        if (signal.aborted) {
          this.prepared.pool.drain();
          break;
        }
        this.prepared.pool.open();
        this.endFirstAttempt();
        this.logger.info({ cliVersion: this.prepared.cliVersion, lean: this.prepared.lean }, 'ready');
      } catch (error) {
        if (signal.aborted) break;
        this.problem = toProblem(error as Error);
        this.logger.error({ error }, 'the checks before readiness failed');
        this.endFirstAttempt();
        await delay(RETRY_PREPARATION_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
    this.endFirstAttempt();
  }
}

function toProblem(error: Error | undefined): PoolProblem | undefined {
  if (!error) return undefined;
  return { code: 'code' in error ? String(error.code) : 'start_failed', message: error.message };
}
