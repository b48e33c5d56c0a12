import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { AnswerAssembler } from './answer-assembler.ts';
import { CallHold } from './call-hold.ts';
import { AnswerCutError, CliProtocolError, UpstreamError, type ClaudeCliError } from '../errors.ts';
import type { AssistantLine, CliLine, ResultLine, StreamEventLine, SystemLine } from '../transport/messages.ts';
import { toRateLimit, type RateLimit } from './rate-limit.ts';
import { spendingSince, toSpending } from './spending.ts';
import { isKnownStopReason, isNaturalEnd, mapStopReason } from './stop-reason.ts';
import { toRetryFailure } from './to-retry-failure.ts';
import { toTurnError } from './to-turn-error.ts';
import { messageTokens, type TokenUsage } from './token-usage.ts';
import type { TurnExchangeOptions, TurnOutcome } from './turn-outcome.ts';
import { TurnTokens } from './turn-tokens.ts';
import type { TurnFinish } from './turn.ts';
import { UnknownContent } from './unknown-content.ts';
import { WholeMessage } from './whole-message.ts';

/** Parses one turn from the lines of the CLI: its events and its outcome. */
export class TurnExchange {
  private assembler: AnswerAssembler;
  private readonly streamedIds = new Set<string>();
  private readonly unknown: UnknownContent;
  private model = '';
  private readonly tokens = new TurnTokens();
  private stopReason: string | null = null;
  private stopSequence: string | undefined;
  private isComplete = false;
  /** Whether this service ended the text before the API reported its usage. */
  private isCut = false;
  private hasStarted = false;
  private wasInterrupted = false;
  private error: ClaudeCliError | undefined;
  private assistantUuid: string | undefined;
  private wasTaken = false;
  private rateLimit: RateLimit | undefined;
  private readonly hold = new CallHold();
  private isUpstreamClosed = false;
  /** The CLI's report of a failure. */
  private account: AssistantLine | undefined;
  private readonly whole = new WholeMessage();
  private isDamaged = false;
  /** The tools in the order of the request. */
  private toolNames: readonly string[] = [];

  constructor(private readonly options: TurnExchangeOptions) {
    this.unknown = new UnknownContent((part) => options.onUnknown?.(part));
    this.assembler = this.newAssembler();
  }

  /** Whether the CLI has begun the turn, so that it may have called the model. */
  get isTaken(): boolean {
    return this.wasTaken;
  }

  /** Reads one line; returns the outcome if the line is the turn's result. */
  accept(line: CliLine): TurnOutcome | undefined {
    this.wasTaken = true;
    switch (line.type) {
      case 'stream_event':
        this.acceptStreamEvent(line);
        return undefined;
      case 'assistant':
        this.acceptAssistant(line);
        return undefined;
      case 'system':
        this.acceptSystem(line);
        return undefined;
      case 'rate_limit_event':
        this.rateLimit = toRateLimit(line);
        return undefined;
      case 'result':
        return this.acceptResult(line);
      default:
        return undefined;
    }
  }

  /**
   * Holds the reply to a call of a client's tool, since the reply ends the turn. Resolves when the call's message has
   * streamed to its end, when the turn ends before that, or when the signal is aborted.
   */
  async holdCall(signal: AbortSignal): Promise<void> {
    await this.hold.wait(signal);
    if (this.isComplete) this.wasInterrupted = true;
  }

  /** No further line belongs to this turn; releases held replies. */
  end(): void {
    this.hold.release();
  }

  /** A line of the CLI was lost, which may have been a part of the answer. */
  noteDamage(): void {
    this.isDamaged = true;
  }

  /** The outcome if the process ends before the result: a failure, a finished answer, or undefined. */
  get outcomeWithoutResult(): TurnOutcome | undefined {
    if (this.error) return { error: this.error, isKept: false };
    if (this.stopReason === null || !this.wasInterrupted) return undefined;
    return { finish: this.finish(undefined), isKept: false };
  }

  private acceptStreamEvent({ event, parent_tool_use_id: parent }: StreamEventLine): void {
    if (parent !== null || this.error) return;
    if (event.type === 'message_stop') return this.acceptMessageStop();
    if (this.isDone) return;
    switch (event.type) {
      case 'message_start':
        this.startMessage(event);
        return;
      case 'content_block_start':
        this.assembler.start(event.index, event.content_block);
        this.endAtStopSequence();
        return;
      case 'content_block_delta':
        this.assembler.delta(event.index, event.delta);
        this.endAtStopSequence();
        return;
      case 'content_block_stop':
        this.assembler.stopBlock(event.index);
        return;
      case 'message_delta':
        this.tokens.endMessage(event.usage);
        this.stopReason = event.delta.stop_reason;
        this.stopSequence = event.delta.stop_sequence ?? undefined;
        if (this.stopReason !== null) this.endMessage();
        return;
      default:
        this.acceptOther(event);
    }
  }

  private acceptOther({ type }: { readonly type: string }): void {
    if (!WITHOUT_CONTENT.has(type)) this.unknown.note({ kind: 'event', name: type });
  }

  /** As early as possible, since an answer can consist of a few events. */
  private closeUpstream(): void {
    if (this.isUpstreamClosed || this.options.hasOwnTools) return;
    this.isUpstreamClosed = true;
    this.options.closeUpstream();
  }

  /** The CLI also ends the events of a broken message this way, but without a stop reason. */
  private acceptMessageStop(): void {
    if (this.isComplete) this.hold.release();
    else this.fail(new AnswerCutError());
  }

  private newAssembler(firstPosition = 0): AnswerAssembler {
    const { emit, stopSequences } = this.options;
    return new AnswerAssembler(emit, (part) => this.unknown.note(part), stopSequences, firstPosition);
  }

  /** Whether the answer is complete and anything further is the CLI's own continuation. */
  private get isDone(): boolean {
    return this.isComplete && (this.wasInterrupted || !this.options.hasOwnTools);
  }

  private startMessage(event: Extract<RawMessageStreamEvent, { type: 'message_start' }>): void {
    this.closeUpstream();
    this.streamedIds.add(event.message.id);
    this.model = event.message.model;
    this.tokens.beginMessage(event.message.usage);
    if (this.isComplete) this.assembler = this.newAssembler(this.assembler.nextPosition);
    else if (!this.assembler.isEmpty) return this.fail(new AnswerCutError());
    this.isComplete = false;
    this.hold.begin();
    this.stopReason = null;
    if (!this.hasStarted) {
      this.options.emit({ type: 'start', model: this.model, usage: messageTokens(event.message.usage) });
    }
    this.hasStarted = true;
  }

  private endMessage(): void {
    this.isComplete = true;
    this.assembler.finish();
    if (!isKnownStopReason(this.stopReason)) this.unknown.note({ kind: 'stop-reason', name: this.stopReason });
    if (!this.endsByItself) this.interrupt();
    this.hold.expectEnd();
  }

  /** Whether the CLI adds nothing to the answer and makes no further request. */
  private get endsByItself(): boolean {
    // The CLI treats an answer that ends with an unknown block as a failure.
    if (!this.assembler.isExact) return false;
    // After a call of a tool that was not offered the CLI asks again.
    if (this.stopReason === 'tool_use') return this.assembler.hasCalls || this.options.hasOwnTools;
    return isNaturalEnd(this.stopReason) && this.assembler.isVisible;
  }

  private endAtStopSequence(): void {
    if (this.assembler.stopSequence === undefined) return;
    this.isCut = true;
    this.isComplete = true;
    this.stopReason = 'stop_sequence';
    this.stopSequence = this.assembler.stopSequence;
    this.assembler.finish();
    this.tokens.endMessage({});
    this.interrupt();
  }

  private acceptAssistant(line: AssistantLine): void {
    if (line.parent_tool_use_id !== null || this.error) return;
    if (!this.isDone || this.streamedIds.has(line.message.id)) this.whole.accept(line);
    if (this.wasInterrupted) return;
    if (line.error !== undefined || line.message.model === '<synthetic>') {
      this.account = line;
      return;
    }
    this.assistantUuid = line.uuid;
    if (this.streamedIds.has(line.message.id)) return;
    // After a stream that failed before its first piece the CLI repeats the request without streaming: the answer arrives
    // whole.
    if (!this.assembler.isEmpty && !this.isComplete) return this.fail(new AnswerCutError());
    const { message } = line;
    this.streamedIds.add(message.id);
    this.model = message.model;
    if (!this.hasStarted) this.options.emit({ type: 'start', model: this.model });
    this.hasStarted = true;
    this.assembler.whole(message.content);
    this.tokens.beginMessage(message.usage ?? {});
    this.endAtStopSequence();
    if (this.isCut) return;
    this.tokens.endMessage({});
    this.stopReason = message.stop_reason;
    this.stopSequence = message.stop_sequence ?? undefined;
    this.endMessage();
    this.hold.release();
  }

  private acceptSystem(line: SystemLine): void {
    if (line.subtype === 'init') this.toolNames = line.tools ?? [];
    const failure = line.subtype === 'api_retry' ? toRetryFailure(line) : undefined;
    if (failure) this.fail(failure);
  }

  private fail(error: ClaudeCliError): void {
    if (this.error) return;
    this.error = error;
    this.interrupt();
  }

  private interrupt(): void {
    if (this.wasInterrupted) return;
    this.wasInterrupted = true;
    this.options.interrupt();
  }

  private acceptResult(line: ResultLine): TurnOutcome | undefined {
    const uuid = line.user_message_uuid;
    if (uuid !== undefined && uuid !== this.options.messageUuid) return undefined;
    if (!this.error && line.is_error && !(this.wasInterrupted && this.stopReason !== null))
      this.error = this.isUpstreamClosed
        ? new AnswerCutError()
        : toTurnError(line, this.account, this.rateLimit, this.toolNames);
    if (!this.error && this.stopReason === null) {
      this.error = new UpstreamError(undefined, 'the answer ended before it was complete');
    }
    return this.outcome(line);
  }

  private outcome(line: ResultLine): TurnOutcome {
    if (this.isDamaged && !this.isCut && !this.whole.equals(this.assembler.content))
      this.error ??= new CliProtocolError('a part of the answer was lost in a damaged line of the CLI');
    const common = {
      ...(line.total_cost_usd !== undefined && { totalCostUsd: line.total_cost_usd }),
      ...(this.assistantUuid !== undefined && { assistantUuid: this.assistantUuid }),
    };
    if (this.error) return { ...common, error: this.error, isKept: false };
    const isKept = !this.wasInterrupted && this.assistantUuid !== undefined && isNaturalEnd(this.stopReason);
    return { ...common, finish: this.finish(line), isKept };
  }

  private finish(line: ResultLine | undefined): TurnFinish {
    const wantsNobodysTool = this.stopReason === 'tool_use' && !this.assembler.hasCalls && !this.options.hasOwnTools;
    return {
      type: 'finish',
      reason: wantsNobodysTool ? 'stop' : mapStopReason(this.stopReason),
      ...(this.stopSequence !== undefined && { stopSequence: this.stopSequence }),
      model: this.model,
      usage: this.finalUsage(line),
      content: this.assembler.content,
    };
  }

  private finalUsage(line: ResultLine | undefined): TokenUsage {
    // The CLI estimates the usage of an answer that ended before the API reported it.
    const spent = line && this.isCut ? toSpending(line) : undefined;
    if (spent) return spendingSince(this.options.spentBefore, spent).usage;
    return this.tokens.total(this.wasInterrupted ? undefined : line);
  }
}

/** Stream events without content of the answer. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['ping', 'error']);
