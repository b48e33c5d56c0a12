import { Observable, type Subscriber } from 'rxjs';
import type { Profile } from '../../src/claude-cli/transport/launch-options.ts';
import type { ProcessEnd } from '../../src/claude-cli/transport/claude-process.ts';
import { contextKey } from '../../src/claude-cli/session/context-key.ts';
import { CliCrashedError, CliStartError } from '../../src/claude-cli/errors.ts';
import type { Initialization } from '../../src/claude-cli/session/initialization.ts';
import { messageDigest } from '../../src/claude-cli/session/message-digest.ts';
import { NOTHING_SPENT } from '../../src/claude-cli/turn/spending.ts';
import type { ConversationMessage, Turn, TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import type { Session, SessionLauncher } from '../../src/process-pool/stock/session.ts';
import { finish } from './turn-events.ts';

/** A process that is ready at once and answers when it is told to. */
export class FakeSession implements Session {
  readonly pid = undefined;
  readonly spent = NOTHING_SPENT;
  held: string[] = [];
  heldContext = '';
  hasEnded = false;
  hasRehearsed = false;
  readonly ended: Promise<ProcessEnd>;
  private resolveEnded!: (end: ProcessEnd) => void;
  private running: { readonly turn: Turn; readonly subscriber: Subscriber<TurnEvent> } | undefined;

  /**
   * @param endMs how long it takes to end
   * @param isKilledAtStart whether it never becomes ready
   * @param profile what it was started as
   */
  constructor(
    private readonly endMs: number,
    private readonly isKilledAtStart: boolean,
    readonly profile: Profile,
  ) {
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  async initialize(): Promise<Initialization> {
    if (this.isKilledAtStart) {
      this.hasEnded = true;
      this.resolveEnded({ exitCode: null, signal: 'SIGKILL', stderrTail: '' });
      const cause = new CliCrashedError(null, 'SIGKILL', '');
      throw new CliStartError('cli-start-failed', 'the CLI did not start', { cause });
    }
    return { models: [] } as unknown as Initialization;
  }

  rehearse(): Promise<void> {
    this.hasRehearsed = true;
    return Promise.resolve();
  }

  run(turn: Turn, keep: number): Observable<TurnEvent> {
    return new Observable((subscriber) => {
      this.held.length = keep;
      this.running = { turn, subscriber };
      return () => (this.running = undefined);
    });
  }

  /** Ends its turn with an answer. */
  answer(): void {
    const { running } = this;
    if (!running) throw new Error('no turn runs');
    const { turn, subscriber } = running;
    const answer: ConversationMessage = { role: 'assistant', content: [{ type: 'text', text: 'fine' }] };
    this.held = [...turn.history, turn.message, answer].map(messageDigest);
    this.heldContext = contextKey(turn);
    subscriber.next({ type: 'text-delta', text: 'fine' });
    subscriber.next(finish('stop'));
    subscriber.complete();
  }

  /** Dies, and with it its turn. */
  crash(stderrTail = ''): void {
    const end = { exitCode: 3, signal: null, stderrTail };
    this.hasEnded = true;
    this.running?.subscriber.error(new CliCrashedError(end.exitCode, end.signal, stderrTail));
    this.resolveEnded(end);
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  keepable(keep: number): number {
    return keep;
  }

  empty(): Promise<void> {
    this.held.length = 0;
    return Promise.resolve();
  }

  isLoginAccepted(): Promise<boolean> {
    return Promise.resolve(true);
  }

  end(): Promise<ProcessEnd> {
    setTimeout(() => {
      this.hasEnded = true;
      this.resolveEnded({ exitCode: 0, signal: null, stderrTail: '' });
    }, this.endMs);
    return this.ended;
  }

  kill(): Promise<ProcessEnd> {
    return this.end();
  }
}

/** Starts processes that are none, and remembers them. */
export class FakeLauncher implements SessionLauncher {
  readonly sessions: FakeSession[] = [];
  /** How many of the next ones are killed while they start. */
  killedAtStart = 0;

  constructor(private readonly endMs = 0) {}

  launch(profile: Profile): FakeSession {
    const session = new FakeSession(this.endMs, this.killedAtStart-- > 0, profile);
    this.sessions.push(session);
    return session;
  }

  get running(): FakeSession[] {
    return this.sessions.filter(({ isRunning }) => isRunning);
  }
}
