import { randomUUID } from 'node:crypto';
import { CliCrashedError, CliGoneError, CliTimeoutError } from '../errors.ts';
import { hasOwnTools, type Profile } from '../transport/launch-options.ts';
import { messageDigest } from './message-digest.ts';
import type { CliLine } from '../transport/messages.ts';
import type { SessionEvent } from './session-event.ts';
import type { CliConnection, LineReader } from '../transport/cli-connection.ts';
import type { Spending } from '../turn/spending.ts';
import { isBlankStop } from '../turn/stop-text.ts';
import type { Transcript } from './transcript.ts';
import { TurnExchange } from '../turn/turn-exchange.ts';
import type { TurnOutcome } from '../turn/turn-outcome.ts';
import type { Turn, TurnEvent } from '../turn/turn.ts';
import { toUserLine } from './user-line.ts';

export interface TurnRunOptions {
  readonly turn: Turn;
  readonly profile: Profile;
  /** The spending of the process before the turn. */
  readonly spentBefore: Spending;
  readonly emit: (event: TurnEvent) => void;
  /** Called once the answer has begun; see `TurnExchangeOptions`. */
  readonly closeUpstream: () => void;
  readonly onEvent: (event: SessionEvent) => void;
}

/** How long an interrupted turn may take to end before the process is killed. */
const SETTLE_DEADLINE_MS = 5_000;

/** One turn on a process that holds its history: sends the message and reads the lines up to its result. */
export class TurnRun implements LineReader {
  private readonly uuid = randomUUID();
  private readonly exchange: TurnExchange;
  private settleTimer: NodeJS.Timeout | undefined;
  private hasEnded = false;
  private resolve!: (outcome: TurnOutcome) => void;
  private reject!: (error: Error) => void;

  constructor(
    private readonly connection: CliConnection,
    private readonly transcript: Transcript,
    private readonly options: TurnRunOptions,
  ) {
    const { turn, profile, spentBefore, emit, closeUpstream, onEvent } = options;
    this.exchange = new TurnExchange({
      messageUuid: this.uuid,
      hasOwnTools: hasOwnTools(profile),
      stopSequences: (turn.settings.stopSequences ?? []).filter(isBlankStop),
      spentBefore,
      emit,
      interrupt: () => this.interrupt(),
      closeUpstream,
      onUnknown: (part) => onEvent({ type: 'unknown-content', ...part }),
    });
  }

  /**
   * Resolves with the outcome of the turn. Rejects if the process ends before that: with CliGoneError if it had not begun
   * the turn.
   *
   * @param signal interrupts the turn, whose outcome is still awaited
   */
  async outcome(signal: AbortSignal): Promise<TurnOutcome> {
    const interrupt = (): void => this.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    const { message } = this.options.turn;
    try {
      return await new Promise<TurnOutcome>((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
        this.connection.read(this);
        this.transcript.addUser(message, messageDigest(message), this.uuid);
        this.connection.send(toUserLine(message, this.uuid));
      });
    } finally {
      this.hasEnded = true;
      clearTimeout(this.settleTimer);
      signal.removeEventListener('abort', interrupt);
      this.exchange.end();
      this.connection.read(undefined);
    }
  }

  accept(line: CliLine): void {
    const outcome = this.exchange.accept(line);
    if (outcome) this.resolve(outcome);
  }

  fail(error: Error): void {
    const outcome = this.exchange.outcomeWithoutResult;
    if (outcome) this.resolve(outcome);
    else if (error instanceof CliCrashedError && !this.exchange.isTaken)
      this.reject(new CliGoneError({ cause: error }));
    else this.reject(error);
  }

  noteDamage(): void {
    this.exchange.noteDamage();
  }

  /** See `TurnExchange.holdCall`. */
  holdCall(signal: AbortSignal): Promise<void> {
    return this.exchange.holdCall(signal);
  }

  private interrupt(): void {
    void this.sendInterrupts();
    this.settleTimer ??= setTimeout(() => {
      this.options.onEvent({ type: 'interrupt-unanswered' });
      this.connection.kill(new CliTimeoutError('an interrupt', SETTLE_DEADLINE_MS));
    }, SETTLE_DEADLINE_MS);
  }

  /** Repeats the interrupt, because a turn in the CLI's own queue can only be interrupted once it has begun. */
  private async sendInterrupts(): Promise<void> {
    try {
      let isQueued = true;
      while (isQueued && !this.hasEnded) {
        const answer = await this.connection.control.request({ subtype: 'interrupt' }, SETTLE_DEADLINE_MS);
        const queued = answer['still_queued'];
        isQueued = Array.isArray(queued) && queued.includes(this.uuid);
      }
    } catch {
      // The deadline for the end of the turn kills a process that does not answer.
    }
  }
}
