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
  /** @param isHopeless whether no other process is alive that could serve instead */
  onStartFailed(error: Error, isHopeless: boolean): void;
  /** The pause after failed starts is over. */
  onRetry(): void;
  onEnd(): void;
  onEvent(process: PooledProcess, event: SessionEvent): void;
}

/** Processes may be killed a few times in a row, also while they start; further ends in a row are failures of the CLI. */
const TOLERATED_ENDS = 4;

/** Starts processes, waits ever longer after failed starts, and keeps the reason of the last failure. */
export class ProcessStarter {
  /** When the last process was started, by `performance.now()`. */
  lastStartAt = performance.now();
  private readonly backoff = new RestartBackoff();
  private retryTimer: NodeJS.Timeout | undefined;
  private hasBeenWarm = false;
  private lastStartError: Error | undefined;
  /** The last failure, whether it was reported or not. */
  private lastFailure: { readonly error: Error; readonly at: number } | undefined;
  private isStopped = false;

  constructor(
    private readonly launcher: SessionLauncher,
    private readonly processes: ProcessSet,
    private readonly figures: PoolFigures,
    private readonly listener: ProcessStarterListener,
  ) {}

  /** Whether a process has been ready and no further one of the first reserve was starting: a start slows requests down. */
  get isWarm(): boolean {
    return this.hasBeenWarm;
  }

  /** Why no process is available; undefined while one is alive or when the last one was ended on purpose. */
  get startError(): Error | undefined {
    return this.processes.hasLiving ? undefined : this.lastStartError;
  }

  /** Why a request that has waited since `time` got no process; undefined where every process is busy. */
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

  /** Retries nothing any more. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
  }

  /**
   * @param profile of the process
   * @param isOnDemand whether a request waits for the process, rather than the reserve
   * @returns false when the last starts have failed and it is too early for another
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

  /** A process of the reserve rehearses its first turn; a request that waits would have to wait for that too. */
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

  /** @param mayBeChance whether it is not reported: the next start serves the requests that wait */
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
    // A process that is not lean counts as ready before it has shown that it can start.
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

/** A signal from outside the CLI says nothing of the next process. */
function wasKilled({ cause }: Error): boolean {
  return cause instanceof CliCrashedError && cause.signal !== null;
}

function neverServed(process: PooledProcess, { exitCode, signal, stderrTail }: ProcessEnd): CliStartError {
  // A process that was given words of a client might repeat them.
  const words = process.isFresh ? lastLine(stderrTail) : '';
  const how = signal ?? `exit code ${exitCode}`;
  return new CliStartError('cli-start-failed', `the CLI ended before it had served: ${words === '' ? how : words}`);
}
