import { randomUUID } from 'node:crypto';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { Observable, type Subscriber } from 'rxjs';
import { ClaudeProcess, type ClaudeProcessOptions, type ProcessEnd, type UnreadableLine } from './claude-process.ts';
import { contextKey } from './context-key.ts';
import { ControlChannel, type ControlAnswer } from './control-channel.ts';
import {
  CliCrashedError,
  CliGoneError,
  CliProtocolError,
  CliStartError,
  CliTimeoutError,
  lastLine,
  type ClaudeCliError,
} from './errors.ts';
import { toInitialization, type Initialization } from './initialization.ts';
import { hasOwnTools, type Profile } from './launch-options.ts';
import { messageDigest } from './message-digest.ts';
import type { CliLine, ControlRequestLine, SystemLine } from './messages.ts';
import { toRateLimit, type RateLimit } from './rate-limit.ts';
import type { SessionEvent } from './session-event.ts';
import { NOTHING_SPENT, toSpending, type Spending } from './spending.ts';
import { isBlankStop } from './stop-text.ts';
import { toFailure } from './to-failure.ts';
import { ToolHost } from './tool-host.ts';
import { Transcript } from './transcript.ts';
import { TurnExchange, type TurnOutcome } from './turn-exchange.ts';
import { toFlagSettings } from './turn-settings.ts';
import type { ConversationMessage, Turn, TurnEvent, UserMessage } from './turn.ts';
import { closedUpstream, openUpstream, upstreamOf, type Upstream } from './upstream-switch.ts';

export interface ClaudeSessionOptions extends ClaudeProcessOptions {
  readonly profile: Profile;
  /** The block with which the CLI says what it is; the canary reads it off the CLI. */
  readonly identity: string;
  /** Told what the provider says of the account's allowances. */
  readonly onRateLimit?: (limit: RateLimit) => void;
  /** Is told what happens beside the turns. */
  readonly onEvent?: (event: SessionEvent) => void;
}

/** How long the CLI may take to boot and answer `initialize`. */
const INITIALIZE_DEADLINE_MS = 60_000;
/** How long a turn that was cancelled, or the end of a conversation, may take before the process is killed. */
const SETTLE_DEADLINE_MS = 5_000;
/** Unreadable lines of one process that are reported, at most. */
const MAX_REPORTED_LINES = 10;

/** More of them gain nothing that could be measured. */
const REHEARSED_TURNS = 4;
/** Uses what most turns use; every turn sets all settings, so nothing of it stays. */
const REHEARSAL: Turn = {
  model: 'haiku',
  system: ['This is a rehearsal.'],
  history: [],
  message: { role: 'user', content: [{ type: 'text', text: 'rehearsal' }] },
  tools: [],
  settings: { temperature: 0.5, maxOutputTokens: 1000 },
};

/**
 * One CLI process and the conversation it holds. Turns run one after the other; between them the conversation can be
 * taken back to any earlier point. What is held is told by `held`, so that an owner can decide what to continue.
 */
export class ClaudeSession {
  private readonly process: ClaudeProcess;
  private readonly control: ControlChannel;
  private readonly transcript = new Transcript();
  private readonly profile: Profile;
  private readonly tools: ToolHost;
  private readonly upstream: Upstream;
  private initialization: Promise<Initialization> | undefined;
  private exchange: TurnExchange | undefined;
  private onOutcome: ((outcome: TurnOutcome) => void) | undefined;
  private onAppended: (() => void) | undefined;
  private onFailure: ((error: Error) => void) | undefined;
  private settled: Promise<void> = Promise.resolve();
  private appliedSettings = '';
  private context = '';
  private totalCostUsd = 0;
  private totals: Spending = NOTHING_SPENT;
  private failure: ClaudeCliError | undefined;
  private isToEnd = false;
  /** Whether it was given words of a client, which it might repeat on stderr. */
  private wasAsked = false;
  private toldTools: readonly string[] = [];
  private unreadableLines = 0;

  constructor(private readonly options: ClaudeSessionOptions) {
    this.profile = options.profile;
    this.upstream = upstreamOf(options.environment);
    this.control = new ControlChannel(
      (message) => this.process.send(message),
      (request, signal) => this.answer(request, signal),
    );
    this.tools = new ToolHost(
      this.control,
      options.profile,
      (signal) => this.exchange?.holdCall(signal) ?? Promise.resolve(),
    );
    this.process = new ClaudeProcess(options, {
      onLine: (line) => this.acceptLine(line),
      onUnreadableLine: (line) => this.acceptUnreadable(line),
      onEnd: (end) => this.acceptEnd(end),
    });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Resolves when the process has ended, whatever the reason; never rejects. */
  get ended(): Promise<ProcessEnd> {
    return this.process.ended;
  }

  get hasEnded(): boolean {
    return this.failure !== undefined;
  }

  /** The digests of the messages that the CLI holds, oldest first. */
  get held(): readonly string[] {
    return this.transcript.digests;
  }

  /** What the process has spent in all, as its last result told. */
  get spent(): Spending {
    return this.totals;
  }

  /** The names of the CLI's own tools that the model is offered, as it told at its last turn. */
  get offeredTools(): readonly string[] {
    return this.toldTools;
  }

  /** The model and tools that the conversation held so far was meant for; see `contextKey`. */
  get heldContext(): string {
    return this.context;
  }

  /**
   * Sends `initialize`, the first time it is called. Rejects with a ClaudeCliError when the CLI cannot be used.
   *
   * @param system the system texts of a process that is not lean; they stay for its whole life
   */
  initialize(system: readonly string[] = []): Promise<Initialization> {
    this.initialization ??= this.control
      .request({ subtype: 'initialize', systemPrompt: system.length > 0 ? system : [''] }, INITIALIZE_DEADLINE_MS)
      .then(toInitialization)
      .catch((error: unknown) => {
        this.process.kill(error as Error);
        const { stderrTail } = error instanceof CliCrashedError ? error : { stderrTail: '' };
        const reason = lastLine(stderrTail);
        throw new CliStartError('cli-start-failed', `the CLI did not start${reason && `: ${reason}`}`, {
          cause: error,
        });
      });
    return this.initialization;
  }

  /**
   * Makes the first turn of a process that has been initialised as quick as later ones: the CLI prepares much at its first
   * turn only, and at the first change of its settings, and its code gets faster with use. It runs turns that reach no model
   * and cost nothing, and takes them back. Ends the process and rejects when that fails.
   */
  async rehearse(): Promise<void> {
    try {
      for (let turn = 0; turn < REHEARSED_TURNS; turn += 1) {
        this.applySettings(REHEARSAL, closedUpstream(this.upstream));
        await this.runClosed(REHEARSAL.message, 'a rehearsal');
        this.applySettings(REHEARSAL, openUpstream(this.upstream));
        await this.empty();
      }
    } catch (error) {
      this.process.kill(error as Error);
      throw new CliStartError('cli-start-failed', 'the CLI failed the rehearsal of its first turn', { cause: error });
    }
  }

  /**
   * Runs a turn, cold: subscribing starts it, unsubscribing cancels it. Only one may run at a time, and `settle` is to
   * be awaited before the next.
   *
   * @param keep how many of the held messages the turn's history begins with; all others are taken back first
   */
  run(turn: Turn, keep: number): Observable<TurnEvent> {
    return new Observable((subscriber) => {
      const cancellation = new AbortController();
      this.settled = this.perform(turn, keep, subscriber, cancellation.signal);
      return () => cancellation.abort();
    });
  }

  /** Resolves when the turn has ended and nothing of a failed or cancelled one is left; `hasEnded` tells whether the process survived it. */
  settle(): Promise<void> {
    return this.settled;
  }

  /** How many of the first `keep` held messages a turn can really build on; see `rewindTo`. */
  keepable(keep: number): number {
    return this.transcript.cutAt(keep);
  }

  /**
   * Takes the conversation back to its first `keep` messages, or further where these end between a call and its result.
   * Ends the process and rejects when that cannot be proved.
   */
  async rewindTo(keep: number): Promise<void> {
    const target = this.transcript.rewindTarget(keep);
    if (!target) return;
    try {
      const answer = await this.control.request({
        subtype: 'rewind_conversation',
        target_message_uuid: target.uuid,
        last_seen_user_message_uuid: target.lastUserUuid,
      });
      const isExact = answer['rewound'] === true && answer['targetMessageUuid'] === target.uuid &&
        (answer['precedingAssistantUuid'] ?? null) === target.precedingAssistantUuid; // prettier-ignore
      if (!isExact) throw new CliProtocolError('the CLI did not rewind the conversation as asked');
      this.transcript.truncate(target.keep);
    } catch (error) {
      if (!this.hasEnded) this.options.onEvent?.({ type: 'rewind-failed', reason: (error as Error).message });
      this.process.kill(error as Error);
      throw error;
    }
  }

  /**
   * Takes the whole conversation back where nobody waits for it: the CLI builds much anew at the first message after its
   * settings have changed, as they do in each turn, and does so here. Ends the process and rejects when that fails.
   */
  async empty(): Promise<void> {
    if (this.transcript.length === 0) return;
    try {
      await this.appendUser(
        { role: 'user', content: [{ type: 'text', text: 'to be taken back' }] },
        SETTLE_DEADLINE_MS,
      );
    } catch (error) {
      this.process.kill(error as Error);
      throw error;
    }
    await this.rewindTo(0);
  }

  /**
   * Whether the provider takes the credentials: asks it through the CLI to count tokens, which costs nothing. False also
   * where it cannot tell. Rejects when the CLI cannot be used.
   */
  async isLoginAccepted(): Promise<boolean> {
    await this.initialize();
    const { categories } = await this.control.request({ subtype: 'get_context_usage' });
    // Without an answer of the API the CLI estimates, and leaves out what it would have to be told.
    return Array.isArray(categories) && categories.some((category: { id?: unknown }) => category.id === 'messages');
  }

  /** Ends the process, politely first. Resolves when it has gone. */
  end(): Promise<ProcessEnd> {
    this.isToEnd = true;
    return this.process.terminate();
  }

  /** Ends the process at once. Resolves when it has gone. */
  kill(): Promise<ProcessEnd> {
    this.isToEnd = true;
    this.process.kill();
    return this.process.ended;
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
      const costUsd = this.account(outcome);
      if (outcome.isKept && outcome.finish) {
        const answer = { role: 'assistant', content: outcome.finish.content } as const;
        this.transcript.addAssistant(messageDigest(answer), outcome.assistantUuid);
      }
      if (outcome.error) subscriber.error(outcome.error);
      // Sentences of the CLI stand in the transcript after anything but a natural end. A process that cannot be taken
      // back ends itself; the answer is complete all the same.
      if (!outcome.isKept) await this.rewindTo(historyLength).catch(() => this.process.ended);
      // Told last, so that a client that goes on at once, as in a loop of tool calls, finds this process settled.
      if (outcome.finish) {
        subscriber.next(costUsd === undefined ? outcome.finish : { ...outcome.finish, costUsd });
        subscriber.complete();
      }
      // Behind everything that a client waits for; the next turn has nothing to apply where its settings are the same.
      this.applySettings(turn, openUpstream(this.upstream));
    } catch (error) {
      subscriber.error(error);
      if (!this.hasEnded) this.process.kill(error as Error);
      await this.process.ended;
    }
  }

  /** Brings the process to where the turn's last message can be sent. */
  private async prepare(turn: Turn, keep: number, signal: AbortSignal): Promise<void> {
    if (this.failure) throw new CliGoneError({ cause: this.failure });
    this.wasAsked = true;
    await this.clear(turn, keep).catch((error: unknown) => {
      // Nothing of the turn was told yet, so another process can take it; one that hangs is not waited for again.
      throw hasFailedAtOnce(error) ? new CliGoneError({ cause: error }) : error;
    });
    const [first] = turn.history;
    if (!this.profile.lean && first?.role === 'user' && this.transcript.length === 0) await this.prime(turn, first);
    this.applySettings(turn, openUpstream(this.upstream));
    for (const message of turn.history.slice(this.transcript.length)) {
      if (signal.aborted) return;
      await this.append(message, turn.model);
    }
  }

  /** Has the process ready for the turn's history, with no more of what it holds than the turn builds on. */
  private async clear(turn: Turn, keep: number): Promise<void> {
    await this.initialize(this.profile.lean ? [] : turn.system);
    const context = contextKey(turn);
    await this.rewindTo(context === this.context ? keep : 0);
    this.context = context;
    await this.tools.offer(turn.tools);
  }

  /** @param upstream see upstream-switch.ts */
  private applySettings(turn: Turn, upstream: Readonly<Record<string, string>>): void {
    const { env, ...others } = toFlagSettings(turn, this.options.identity, this.profile.lean);
    const settings = { ...others, env: { ...env, ...upstream } };
    const applied = JSON.stringify(settings);
    if (applied === this.appliedSettings) return;
    // Not awaited: the CLI works its input off in order, so they hold before the message that follows.
    this.control
      .request({ subtype: 'apply_flag_settings', settings })
      .catch((error: unknown) => (this.onFailure ?? ((failure) => this.process.kill(failure)))(error as Error));
    this.appliedSettings = applied;
  }

  /**
   * Keeps requests that the CLI would make by itself from the model: after an answer that broke off, was cut at its limit
   * or was empty it asks again, with sentences of its own. Holds until settings are applied again, when the turn has ended.
   */
  private closeUpstream(): void {
    this.appliedSettings = '';
    this.control
      .request({ subtype: 'apply_flag_settings', settings: { env: closedUpstream(this.upstream) } })
      .catch((error: unknown) => this.process.kill(error as Error));
  }

  /**
   * Begins a history where the CLI adds notes of its own (environment, model, date) to the first message that runs as a
   * turn: that is to be the first message of the history, as on a process that lived through it, so that the prefix of its
   * requests stays the same and the provider's prompt cache holds. The turn fails on this machine and leaves nothing else.
   */
  private async prime(turn: Turn, first: UserMessage): Promise<void> {
    this.applySettings(turn, closedUpstream(this.upstream));
    await this.runClosed(first, 'the first message of the history');
  }

  /** Runs a message as a turn that reaches no model. It stays in the transcript. */
  private async runClosed(message: UserMessage, what: string): Promise<void> {
    const uuid = randomUUID();
    await this.deadline(what, INITIALIZE_DEADLINE_MS, (resolve) => {
      this.onAppended = resolve;
      this.sendUser(message, uuid);
    });
    this.transcript.addUser(message, messageDigest(message), uuid);
  }

  /** Adds a message to the transcript without asking the model. */
  private async append(message: ConversationMessage, model: string): Promise<void> {
    if (message.role === 'user') return this.appendUser(message, INITIALIZE_DEADLINE_MS);
    const uuid = randomUUID();
    this.process.send({
      type: 'assistant',
      uuid,
      message: this.tools.toCliMessage(message, model),
      parent_tool_use_id: null,
      session_id: '',
    });
    this.transcript.addAssistant(messageDigest(message), uuid);
  }

  private async appendUser(message: UserMessage, deadlineMs: number): Promise<void> {
    const uuid = randomUUID();
    await this.deadline('a message of the history', deadlineMs, (resolve) => {
      this.onAppended = resolve;
      this.sendUser(message, uuid, { shouldQuery: false });
    });
    this.transcript.addUser(message, messageDigest(message), uuid);
  }

  private sendUser(message: UserMessage, uuid: string, extra: object = {}): void {
    this.process.send({
      type: 'user',
      uuid,
      message,
      parent_tool_use_id: null,
      session_id: '',
      client_composed: true,
      ...extra,
    });
  }

  private async exchangeTurn(turn: Turn, subscriber: Subscriber<TurnEvent>, signal: AbortSignal): Promise<TurnOutcome> {
    const uuid = randomUUID();
    let settleTimer: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      void this.interrupt(uuid);
      settleTimer ??= setTimeout(() => {
        this.options.onEvent?.({ type: 'interrupt-unanswered' });
        this.process.kill(new CliTimeoutError('an interrupt', SETTLE_DEADLINE_MS));
      }, SETTLE_DEADLINE_MS);
    };
    const exchange = new TurnExchange({
      messageUuid: uuid,
      hasOwnTools: hasOwnTools(this.profile),
      stopSequences: (turn.settings.stopSequences ?? []).filter(isBlankStop),
      spentBefore: this.totals,
      emit: (event) => subscriber.next(event),
      interrupt,
      closeUpstream: () => this.closeUpstream(),
      onUnknown: (part) => this.options.onEvent?.({ type: 'unknown-content', ...part }),
    });
    signal.addEventListener('abort', interrupt, { once: true });
    this.exchange = exchange;
    try {
      return await new Promise<TurnOutcome>((resolve, reject) => {
        this.onOutcome = resolve;
        this.onFailure = (error) => {
          const outcome = exchange.outcomeWithoutResult;
          if (outcome) resolve(outcome);
          else if (error instanceof CliCrashedError && !exchange.isTaken) reject(new CliGoneError({ cause: error }));
          else reject(error);
        };
        this.transcript.addUser(turn.message, messageDigest(turn.message), uuid);
        this.sendUser(turn.message, uuid);
      });
    } finally {
      clearTimeout(settleTimer);
      signal.removeEventListener('abort', interrupt);
      exchange.end();
      this.exchange = undefined;
      this.onOutcome = undefined;
      this.onFailure = undefined;
    }
  }

  /** Interrupts the turn of a message; one that still waits in the CLI's own queue is interrupted once it has begun. */
  private async interrupt(uuid: string): Promise<void> {
    try {
      let isQueued = true;
      while (isQueued && this.exchange) {
        const answer = await this.control.request({ subtype: 'interrupt' }, SETTLE_DEADLINE_MS);
        const queued = answer['still_queued'];
        isQueued = Array.isArray(queued) && queued.includes(uuid);
      }
    } catch {
      // A process that does not answer is ended by whoever waits for the end of the turn.
    }
  }

  /** What the turn cost, from the running totals that the CLI reports. */
  private account(outcome: TurnOutcome): number | undefined {
    if (outcome.totalCostUsd === undefined) return undefined;
    const cost = outcome.totalCostUsd - this.totalCostUsd;
    this.totalCostUsd = outcome.totalCostUsd;
    return Math.max(0, cost);
  }

  private acceptLine(line: CliLine): void {
    switch (line.type) {
      case 'control_response':
        this.control.acceptResponse(line);
        return;
      case 'control_request':
        void this.control.acceptRequest(line);
        return;
      case 'control_cancel_request':
        this.control.acceptCancel(line);
        return;
      case 'rate_limit_event': {
        const limit = toRateLimit(line);
        if (limit) this.options.onRateLimit?.(limit);
        this.exchange?.accept(line);
        return;
      }
      default: {
        if (line.type === 'result') this.totals = toSpending(line) ?? this.totals;
        if (line.type === 'result' && this.onAppended) {
          this.onAppended();
          return;
        }
        if (line.type === 'system' && line.subtype === 'init') this.toldTools = line.tools ?? [];
        if (line.type === 'system' && line.subtype === 'api_retry') this.options.onEvent?.(toRetry(line));
        const outcome = this.exchange?.accept(line);
        if (outcome) this.onOutcome?.(outcome);
      }
    }
  }

  private acceptUnreadable({ characters, isDamagedMessage }: UnreadableLine): void {
    this.unreadableLines += 1;
    if (this.unreadableLines <= MAX_REPORTED_LINES) this.options.onEvent?.({ type: 'unreadable-line', characters });
    if (isDamagedMessage) this.exchange?.noteDamage();
  }

  private acceptEnd(processEnd: ProcessEnd): void {
    const end = this.wasAsked ? { ...processEnd, stderrTail: '' } : processEnd;
    this.failure = toFailure(end, this.options.command);
    this.options.onEvent?.(toEnded(end, this.isToEnd));
    this.control.close(this.failure);
    this.onFailure?.(this.failure);
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

  private async deadline(what: string, milliseconds: number, start: (resolve: () => void) => void): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(new CliTimeoutError(what, milliseconds)), milliseconds);
        this.onFailure = reject;
        start(resolve);
      });
    } finally {
      clearTimeout(timer);
      this.onAppended = undefined;
      this.onFailure = undefined;
    }
  }
}

/** Whether a process crashed or answered wrongly, rather than not at all. */
function hasFailedAtOnce(error: unknown): boolean {
  const reason = error instanceof CliStartError ? error.cause : error;
  return reason instanceof CliCrashedError || reason instanceof CliProtocolError;
}

function toRetry(line: SystemLine): SessionEvent {
  return {
    type: 'upstream-retry',
    attempt: line.attempt,
    status: line.error_status ?? undefined,
    delayMs: line.retry_delay_ms,
  };
}

function toEnded({ exitCode, signal, cause, stderrTail }: ProcessEnd, isExpected: boolean): SessionEvent {
  return {
    type: 'ended',
    isExpected,
    exitCode,
    signal,
    ...(cause && { reason: cause.message }),
    ...(stderrTail !== '' && !isExpected && { stderrTail }),
  };
}
