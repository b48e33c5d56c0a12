import type { ProcessEnd } from '../../claude-cli/transport/claude-process.ts';
import { CliCrashedError, CliStartError, lastLine } from '../../claude-cli/errors.ts';
import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { SessionEvent } from '../../claude-cli/session/session-event.ts';
import type { PoolFigures } from '../figures/pool-figures.ts';
import { PooledProcess } from './pooled-process.ts';
import type { ProcessSet } from './process-set.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { Session, SessionLauncher } from './session.ts';

export interface ProcessStarterListener {
  /** A process has become idle. */
  onStarted(): void;
  /** @param isHopeless whether no other live process could serve instead */
  onStartFailed(error: Error, isHopeless: boolean): void;
  /** The pause after failed starts is over. */
  onRetry(): void;
  onEnd(): void;
  onEvent(process: PooledProcess, event: SessionEvent): void;
}

/** Something outside may kill a few processes in a row, even during their start; more in a row are failures of the CLI. */
const TOLERATED_ENDS = 4;

/** Starts processes, backs off after failed starts, and keeps the last failure. */
export class ProcessStarter {
  /** When the last process was started, by `performance.now()`. */
  lastStartAt = performance.now();
  private readonly backoff = new RestartBackoff();
  private retryTimer: NodeJS.Timeout | undefined;
  private hasBeenWarm = false;
  private lastStartError: Error | undefined;
  /** The last failure, reported or not. */
  private lastFailure: { readonly error: Error; readonly at: number } | undefined;
  private isStopped = false;

  constructor(
    private readonly launcher: SessionLauncher,
    private readonly processes: ProcessSet,
    private readonly figures: PoolFigures,
    private readonly listener: ProcessStarterListener,
  ) {}

  /**
   * Whether the first reserve has started: a process has been ready while none was starting, since starts slow requests
   * down.
   */
  get isWarm(): boolean {
    return this.hasBeenWarm;
  }

  /** Why no process is available; undefined while one is alive or if the last one was ended on purpose. */
  get startError(): Error | undefined {
    return this.processes.hasLiving ? undefined : this.lastStartError;
  }

  /** Why a request that has waited since `time` got no process; undefined if every process is busy. */
  whyNoneSince(time: number): Error | undefined {
    if (this.startError || !this.lastFailure || this.lastFailure.at < time) return this.startError;
    const serves = this.processes.all.some(({ state, completedTurns }) => state !== 'ending' && completedTurns > 0);
    return serves ? undefined : this.lastFailure.error;
  }

  get retryAfterMs(): number {
    return this.backoff.remainingMs;
  }

  /** A process has answered, so the CLI works. */
  noteAnswer(): void {
    this.lastStartError = undefined;
    this.lastFailure = undefined;
    this.backoff.noteSuccess();
  }

  /** Retries no further starts. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
  }

  /**
   * @param isOnDemand whether queued requests caused the start, rather than the reserve
   * @returns false if the last starts have failed and it is too early for another
   */
  start(profile: Profile, isOnDemand: boolean): boolean {
    if (this.backoff.remainingMs > 0) {
      this.retryLater();
      return false;
    }
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
      // It boots by itself; the lease initialises it with the system text of its conversation.
      setImmediate(() => this.acceptStart(process));
    }
    return true;
  }

  /** A process of the reserve rehearses its first turn; one that a request waits for does not, to be ready sooner. */
  private async makeReady({ session, isOnDemand }: PooledProcess): Promise<void> {
    await session.initialize();
    if (!isOnDemand) await session.rehearse();
  }

  private acceptStart(process: PooledProcess): void {
    if (process.state !== 'starting' || process.session.hasEnded) return;
    process.state = 'idle';
    this.noteWarmth();
    if (process.profile.lean) this.lastStartError = undefined;
    this.listener.onStarted();
  }

  private acceptStartFailure(process: PooledProcess, error: Error): void {
    this.processes.remove(process);
    this.noteWarmth();
    this.backoff.noteFailure();
    this.noteStartFailure(error, wasKilled(error) && this.mayBeChance);
  }

  private noteWarmth(): void {
    this.hasBeenWarm ||= this.processes.hasLiving && this.processes.count('starting') === 0;
  }

  /** @param mayBeChance whether to report nothing, because the next start serves the waiters */
  private noteStartFailure(error: Error, mayBeChance = false): void {
    this.figures.failedStarts += 1;
    this.noteFailure(error);
    if (!mayBeChance) {
      this.lastStartError = error;
      this.listener.onStartFailed(
        error,
        this.processes.all.every(({ state }) => state === 'ending'),
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
    if (!this.processes.remove(process) || wasStarting) return;
    if (process.state !== 'ending') {
      this.figures.crashes += 1;
      if (process.completedTurns === 0) this.acceptUselessEnd(process, end);
    }
    this.listener.onEnd();
  }

  /** A process ended that seemed to be ready and has never answered. */
  private acceptUselessEnd(process: PooledProcess, end: ProcessEnd): void {
    this.backoff.noteFailure();
    const error = neverServed(process, end);
    // Without lean mode a process counts as ready before it has shown that it can start.
    if (process.profile.lean && this.mayBeChance) this.noteFailure(error);
    else this.noteStartFailure(error);
  }

  private retryLater(): void {
    if (this.isStopped || this.retryTimer) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.listener.onRetry();
    }, this.backoff.remainingMs + 1);
    this.retryTimer.unref();
  }
}

/** A signal from outside says nothing about the next process. */
function wasKilled({ cause }: Error): boolean {
  return cause instanceof CliCrashedError && cause.signal !== null;
}

function neverServed(process: PooledProcess, { exitCode, signal, stderrTail }: ProcessEnd): CliStartError {
  // The stderr of a process that a client has used might contain the client's words.
  const words = process.isFresh ? lastLine(stderrTail) : '';
  const how = signal ?? `exit code ${exitCode}`;
  return new CliStartError('cli-start-failed', `the CLI ended before it had served: ${words === '' ? how : words}`);
}
