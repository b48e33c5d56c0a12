import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { Observable, type Subscriber } from 'rxjs';
import type { ClaudeProcessOptions, ProcessEnd } from '../transport/claude-process.ts';
import { CliConnection, type TransportFactory } from '../transport/cli-connection.ts';
import { contextKey } from './context-key.ts';
import type { ControlAnswer } from '../transport/control-channel.ts';
import { CliCrashedError, CliGoneError, CliProtocolError, CliStartError } from '../errors.ts';
import { HistoryReplay } from './history-replay.ts';
import type { Profile } from '../transport/launch-options.ts';
import { LiveSettings } from './live-settings.ts';
import { messageDigest } from './message-digest.ts';
import type { ControlRequestLine } from '../transport/messages.ts';
import type { Initialization } from './initialization.ts';
import { Rewinding } from './rewinding.ts';
import { SessionAccount, type SessionAccountListener } from './session-account.ts';
import { INITIALIZE_DEADLINE_MS, SessionStart } from './session-start.ts';
import type { Spending } from '../turn/spending.ts';
import { ToolHost } from './tool-host.ts';
import { Transcript } from './transcript.ts';
import type { TurnOutcome } from '../turn/turn-outcome.ts';
import { TurnRun } from './turn-run.ts';
import type { Turn, TurnEvent, UserMessage } from '../turn/turn.ts';

export interface ClaudeSessionOptions extends ClaudeProcessOptions, SessionAccountListener {
  readonly profile: Profile;
  /** The CLI's identity block; the canary reads it from a request. */
  readonly identity: string;
  /**
   * A Messages API for rehearsals, which gets the process's credentials; without it their requests fail inside the process.
   */
  readonly rehearsalUrl?: string;
  /** Replaces the process, for tests. */
  readonly transport?: TransportFactory;
}

/**
 * One CLI process and the conversation that it holds. Turns run one after the other; between them the conversation can be
 * rewound. `held` lists the held messages, so that the owner can decide what to continue.
 */
export class ClaudeSession {
  private readonly connection: CliConnection;
  private readonly transcript = new Transcript();
  private readonly profile: Profile;
  private readonly tools: ToolHost;
  private readonly settings: LiveSettings;
  private readonly replay: HistoryReplay;
  private readonly rewinding: Rewinding;
  private readonly start: SessionStart;
  private readonly account: SessionAccount;
  private turnRun: TurnRun | undefined;
  private settled: Promise<void> = Promise.resolve();
  private context = '';

  constructor(private readonly options: ClaudeSessionOptions) {
    this.profile = options.profile;
    this.account = new SessionAccount(options);
    this.connection = new CliConnection(
      options,
      {
        onLine: (line) => this.account.note(line),
        onRequest: (request, signal) => this.answer(request, signal),
        onEvent: (event) => options.onEvent?.(event),
      },
      options.transport,
    );
    this.tools = new ToolHost(
      this.connection.control,
      options.profile,
      (signal) => this.turnRun?.holdCall(signal) ?? Promise.resolve(),
    );
    this.settings = new LiveSettings(this.connection, options.profile, options.identity, options.environment);
    this.replay = new HistoryReplay(this.connection, this.transcript, this.tools);
    this.rewinding = new Rewinding(this.connection, this.transcript, this.replay, options.onEvent);
    this.start = new SessionStart(this.connection, this.settings, this.replay);
  }

  get pid(): number | undefined {
    return this.connection.pid;
  }

  /** Resolves when the process has ended, for whatever reason; never rejects. */
  get ended(): Promise<ProcessEnd> {
    return this.connection.ended;
  }

  get hasEnded(): boolean {
    return this.connection.failure !== undefined;
  }

  /** The digests of the messages that the CLI holds, oldest first. */
  get held(): readonly string[] {
    return this.transcript.digests;
  }

  /** The total spending of the process, from its last result. */
  get spent(): Spending {
    return this.account.spent;
  }

  /** The names of the CLI's own tools that the model gets, from the last turn. */
  get offeredTools(): readonly string[] {
    return this.account.offeredTools;
  }

  /** The context of the held conversation; see `contextKey`. */
  get heldContext(): string {
    return this.context;
  }

  /**
   * Sends `initialize`; repeated calls share one result. Rejects with a ClaudeCliError if the CLI cannot be used.
   *
   * @param system the system texts of a process without lean mode, which keeps them for its life
   */
  initialize(system: readonly string[] = []): Promise<Initialization> {
    return this.start.initialize(system);
  }

  /**
   * Makes the first turn of an initialised process as fast as later ones: the CLI prepares much at its first turn, its
   * first change of settings and its first request. Runs a turn that reaches no model and costs nothing, and rewinds it.
   * Ends the process and rejects on failure.
   */
  rehearse(): Promise<void> {
    return this.start.rehearse(this.options.rehearsalUrl, () => this.empty());
  }

  /**
   * Runs a turn. Cold: subscribing starts it, unsubscribing cancels it. Run one turn at a time, and await `settle` before
   * the next.
   *
   * @param keep the number of held messages that begin the turn's history; the others are rewound first
   */
  run(turn: Turn, keep: number): Observable<TurnEvent> {
    return new Observable((subscriber) => {
      const cancellation = new AbortController();
      this.settled = this.perform(turn, keep, subscriber, cancellation.signal);
      return () => cancellation.abort();
    });
  }

  /**
   * Resolves when the turn has ended and nothing of a failed or cancelled one is left. `hasEnded` says whether the process
   * survived it.
   */
  settle(): Promise<void> {
    return this.settled;
  }

  /** How many of the first `keep` held messages a turn can build on; see `rewindTo`. */
  keepable(keep: number): number {
    return this.transcript.cutAt(keep);
  }

  /**
   * Rewinds the conversation to its first `keep` messages, or further if the cut would separate a call from its result.
   * Ends the process and rejects if the rewind cannot be proved.
   */
  rewindTo(keep: number): Promise<void> {
    return this.rewinding.to(keep);
  }

  /**
   * Rewinds the whole conversation, off the path of requests: the CLI rebuilds much at the first message after a change of
   * settings, as in each turn, and does so here. Ends the process and rejects on failure.
   */
  empty(): Promise<void> {
    return this.rewinding.empty();
  }

  /**
   * Tests whether the provider accepts the credentials: has the CLI count tokens through the API, which costs nothing.
   * Resolves with false also if that shows nothing. Rejects if the CLI cannot be used.
   */
  async isLoginAccepted(): Promise<boolean> {
    await this.initialize();
    const { categories } = await this.connection.control.request({ subtype: 'get_context_usage' });
    // Without a response of the API the CLI estimates and omits this category.
    return Array.isArray(categories) && categories.some((category: { id?: unknown }) => category.id === 'messages');
  }

  /** Ends the process gracefully. Resolves when it has exited. */
  end(): Promise<ProcessEnd> {
    return this.connection.end();
  }

  /** Kills the process. Resolves when it has exited. */
  kill(): Promise<ProcessEnd> {
    return this.connection.endAtOnce();
  }

  private async perform(
    turn: Turn,
    keep: number,
    subscriber: Subscriber<TurnEvent>,
    signal: AbortSignal,
  ): Promise<void> {
    const keptBefore = Math.min(keep, this.transcript.length);
    try {
      await this.prepare(turn, keptBefore, signal);
      if (signal.aborted) return;
      const historyLength = this.transcript.length;
      const outcome = await this.exchangeTurn(turn, subscriber, signal);
      const costUsd = this.account.costOf(outcome);
      if (outcome.isKept && outcome.finish) {
        const answer = { role: 'assistant', content: outcome.finish.content } as const;
        this.transcript.addAssistant(messageDigest(answer), outcome.assistantUuid);
      }
      if (outcome.error) subscriber.error(outcome.error);
      // After anything but a natural end the transcript contains sentences of the CLI. A process that cannot be rewound
      // ends itself; the answer is complete all the same.
      if (!outcome.isKept) await this.rewindTo(historyLength).catch(() => this.connection.ended);
      // Emit this last, so that the next request of a tool loop finds the process settled.
      if (outcome.finish) {
        subscriber.next(costUsd === undefined ? outcome.finish : { ...outcome.finish, costUsd });
        subscriber.complete();
      }
      // After the last event, off the client's path; a next turn with the same settings has nothing to apply.
      this.settings.apply(turn, 'open');
    } catch (error) {
      subscriber.error(error);
      if (!this.hasEnded) this.connection.kill(error as Error);
      await this.connection.ended;
    }
  }

  /** Brings the process to the point before the turn's last message. */
  private async prepare(turn: Turn, keep: number, signal: AbortSignal): Promise<void> {
    const { failure } = this.connection;
    if (failure) throw new CliGoneError({ cause: failure });
    this.connection.noteClientWords();
    await this.clear(turn, keep).catch((error: unknown) => {
      // The model got nothing of the turn, so another process can run it; a hang is not repeated.
      throw hasFailedAtOnce(error) ? new CliGoneError({ cause: error }) : error;
    });
    const [first] = turn.history;
    if (!this.profile.lean && first?.role === 'user' && this.transcript.length === 0) await this.prime(turn, first);
    this.settings.apply(turn, 'open');
    for (const message of turn.history.slice(this.transcript.length)) {
      if (signal.aborted) return;
      await this.replay.append(message, turn.model, INITIALIZE_DEADLINE_MS);
    }
  }

  /** Initialises the process and rewinds it to the messages that the turn builds on. */
  private async clear(turn: Turn, keep: number): Promise<void> {
    await this.initialize(this.profile.lean ? [] : turn.system);
    const context = contextKey(turn);
    await this.rewindTo(context === this.context ? keep : 0);
    this.context = context;
    await this.tools.offer(turn.tools);
  }

  /**
   * Runs the first message of the history as a turn that fails on this machine. Without lean mode the CLI adds notes
   * (environment, model, date) to the first message that runs as a turn; this way that is the first message of the history,
   * as on a process that lived through it, so that the prefix stays equal for the provider's prompt cache.
   */
  private async prime(turn: Turn, first: UserMessage): Promise<void> {
    this.settings.apply(turn, 'closed');
    await this.replay.runWithoutModel(first, 'the first message of the history', INITIALIZE_DEADLINE_MS);
  }

  private async exchangeTurn(turn: Turn, subscriber: Subscriber<TurnEvent>, signal: AbortSignal): Promise<TurnOutcome> {
    const run = new TurnRun(this.connection, this.transcript, {
      turn,
      profile: this.profile,
      spentBefore: this.account.spent,
      emit: (event) => subscriber.next(event),
      closeUpstream: () => this.settings.closeUpstream(),
      onEvent: (event) => this.options.onEvent?.(event),
    });
    this.turnRun = run;
    try {
      return await run.outcome(signal);
    } finally {
      this.turnRun = undefined;
    }
  }

  private async answer(
    request: ControlRequestLine['request'],
    signal: AbortSignal,
  ): Promise<ControlAnswer | undefined> {
    switch (request.subtype) {
      case 'mcp_message':
        return this.tools.reply(request['message'] as JSONRPCMessage);
      case 'can_use_tool':
        return this.tools.decide(request['tool_name'] as string, request['input'], signal);
      default:
        return undefined;
    }
  }
}

/** Whether a process crashed or answered wrongly, rather than timed out. */
function hasFailedAtOnce(error: unknown): boolean {
  const reason = error instanceof CliStartError ? error.cause : error;
  return reason instanceof CliCrashedError || reason instanceof CliProtocolError;
}
