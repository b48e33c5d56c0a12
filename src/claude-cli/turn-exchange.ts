import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { AnswerAssembler } from './answer-assembler.ts';
import { AnswerDivergedError, UpstreamError, type ClaudeCliError } from './errors.ts';
import type { AssistantLine, CliLine, MessageUsage, ResultLine, StreamEventLine, SystemLine } from './messages.ts';
import { toRateLimit, type RateLimit } from './rate-limit.ts';
import { spendingSince, toSpending, type Spending } from './spending.ts';
import { toTurnError } from './to-turn-error.ts';
import { addUsage, NO_USAGE, withoutNulls } from './turn-usage.ts';
import type { FinishReason, TurnEvent, TurnFinish, TurnUsage } from './turn.ts';

export interface TurnExchangeOptions {
  /** Under which the user message was sent; results of other messages are not this turn's. */
  readonly messageUuid: string;
  /** Whether the model may act with tools of the CLI, so that a turn can hold several messages. */
  readonly hasOwnTools: boolean;
  /** Stop sequences that the API does not take: the turn ends at the first of them in its text. */
  readonly stopSequences: readonly string[];
  /** What the process had spent before the turn. */
  readonly spentBefore: Spending;
  readonly emit: (event: TurnEvent) => void;
  /** The turn is to be ended before the CLI goes on by itself; its result is still awaited. */
  readonly interrupt: () => void;
}

/** How a turn ended. */
export interface TurnOutcome {
  readonly finish?: TurnFinish;
  readonly error?: ClaudeCliError;
  /** Whether the CLI's transcript now ends with exactly this answer. */
  readonly isKept: boolean;
  /** The uuid of the answer in the transcript. */
  readonly assistantUuid?: string;
  /** The CLI's running total in US dollars. */
  readonly totalCostUsd?: number;
}

/** Reads one turn off the lines of the CLI: what it tells on the way, and how it ended. */
export class TurnExchange {
  private assembler: AnswerAssembler;
  private readonly streamedIds = new Set<string>();
  private model = '';
  private startUsage: MessageUsage = {};
  private usage: TurnUsage = NO_USAGE;
  private stopReason: string | null = null;
  private stopSequence: string | undefined;
  private isComplete = false;
  /** Whether the text was ended here, before the API told what the answer took. */
  private isCut = false;
  private hasStarted = false;
  private wasInterrupted = false;
  private error: ClaudeCliError | undefined;
  private assistantUuid: string | undefined;
  private wasTaken = false;
  private rateLimit: RateLimit | undefined;
  /** The tools as they stand in the request. */
  private toolNames: readonly string[] = [];

  constructor(private readonly options: TurnExchangeOptions) {
    this.assembler = new AnswerAssembler(options.emit, options.stopSequences);
  }

  /** Whether the CLI has shown that it began with the turn, so that it may have asked the model. */
  get isTaken(): boolean {
    return this.wasTaken;
  }

  /** Takes one line; the outcome once the line was the turn's result. */
  accept(line: CliLine): TurnOutcome | undefined {
    this.wasTaken = true;
    try {
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
    } catch (error) {
      if (!(error instanceof AnswerDivergedError)) throw error;
      this.fail(error);
      return line.type === 'result' ? this.outcome(line) : undefined;
    }
  }

  /** The model asked for a tool of the client, which ends the turn. */
  noteClientToolUse(): void {
    this.wasInterrupted = true;
  }

  /** What is known when the process ends before the result: a failure, a finished answer, or nothing. */
  get outcomeWithoutResult(): TurnOutcome | undefined {
    if (this.error) return { error: this.error, isKept: false };
    if (this.stopReason === null || !this.wasInterrupted) return undefined;
    return { finish: this.finish(undefined), isKept: false };
  }

  private acceptStreamEvent({ event, parent_tool_use_id: parent }: StreamEventLine): void {
    if (parent !== null || this.error || this.isDone) return;
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
      case 'message_delta':
        // Some providers repeat only the output tokens here.
        this.usage = addUsage(this.usage, { ...this.startUsage, ...withoutNulls(event.usage) });
        this.stopReason = event.delta.stop_reason;
        this.stopSequence = event.delta.stop_sequence ?? undefined;
        if (this.stopReason !== null) this.endMessage();
        return;
      default:
    }
  }

  /** Whether the answer is complete and whatever follows is the CLI's own continuation. */
  private get isDone(): boolean {
    return this.isComplete && (this.wasInterrupted || !this.options.hasOwnTools);
  }

  private startMessage(event: Extract<RawMessageStreamEvent, { type: 'message_start' }>): void {
    this.streamedIds.add(event.message.id);
    this.model = event.message.model;
    this.startUsage = event.message.usage;
    if (this.isComplete) this.assembler = new AnswerAssembler(this.options.emit, this.options.stopSequences);
    else if (this.hasStarted) this.assembler.restart();
    this.isComplete = false;
    this.stopReason = null;
    if (!this.hasStarted) this.options.emit({ type: 'start', model: this.model });
    this.hasStarted = true;
  }

  private endMessage(): void {
    this.isComplete = true;
    this.assembler.finish();
    const endsByItself = this.stopReason === 'tool_use' || (isNaturalEnd(this.stopReason) && this.assembler.isVisible);
    if (!endsByItself) this.interrupt();
  }

  private endAtStopSequence(): void {
    if (this.assembler.stopSequence === undefined) return;
    this.isCut = true;
    this.isComplete = true;
    this.stopReason = 'stop_sequence';
    this.stopSequence = this.assembler.stopSequence;
    this.usage = addUsage(this.usage, this.startUsage);
    this.interrupt();
  }

  private acceptAssistant(line: AssistantLine): void {
    if (line.parent_tool_use_id !== null || this.error || this.wasInterrupted) return;
    if (line.error !== undefined || line.message.model === '<synthetic>') return;
    this.assistantUuid = line.uuid;
    if (this.streamedIds.has(line.message.id)) return;
    // After a failed stream the CLI asks once more without streaming: the answer then comes whole.
    const { message } = line;
    this.streamedIds.add(message.id);
    this.model = message.model;
    if (!this.hasStarted) this.options.emit({ type: 'start', model: this.model });
    this.hasStarted = true;
    this.assembler.whole(message.content);
    this.startUsage = message.usage ?? {};
    this.endAtStopSequence();
    if (this.isCut) return;
    this.usage = addUsage(this.usage, message.usage);
    this.stopReason = message.stop_reason;
    this.stopSequence = message.stop_sequence ?? undefined;
    this.endMessage();
  }

  private acceptSystem(line: SystemLine): void {
    if (line.subtype === 'init') this.toolNames = line.tools ?? [];
    if (line.subtype !== 'api_retry') return;
    const status = line.error_status ?? undefined;
    // What the API asked for, and up to a quarter more that the CLI adds; less than a second is the CLI's own first pause.
    const asked = Math.floor((line.retry_delay_ms ?? 0) / 1000);
    const isAsked = line.attempt === 1 && asked > 0;
    // Waiting does not help where the credentials are wrong: a 403 is only tried again for a login that was refused.
    if (status === 401 || status === 403) {
      this.fail(new UpstreamError(status, 'the credentials were refused', undefined, false, true));
    }
    // A rate limit is for the client to wait out, and so is a long pause for whatever reason.
    if (status === 429) this.fail(new UpstreamError(429, 'the rate limit is exceeded', isAsked ? asked : undefined));
    if (isAsked && asked >= LONGEST_SILENT_PAUSE_SECONDS) {
      this.fail(new UpstreamError(status, 'the API asked for a long pause', asked));
    }
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
      this.error = toTurnError(line, this.rateLimit, this.toolNames);
    if (!this.error && this.stopReason === null) {
      this.error = new UpstreamError(undefined, 'the answer ended before it was complete');
    }
    return this.outcome(line);
  }

  private outcome(line: ResultLine): TurnOutcome {
    const common = {
      ...(line.total_cost_usd !== undefined && { totalCostUsd: line.total_cost_usd }),
      ...(this.assistantUuid !== undefined && { assistantUuid: this.assistantUuid }),
    };
    if (this.error) return { ...common, error: this.error, isKept: false };
    const isKept = !this.wasInterrupted && this.assistantUuid !== undefined && isNaturalEnd(this.stopReason);
    return { ...common, finish: this.finish(line), isKept };
  }

  private finish(line: ResultLine | undefined): TurnFinish {
    return {
      type: 'finish',
      reason: finishReason(this.stopReason),
      ...(this.stopSequence !== undefined && { stopSequence: this.stopSequence }),
      model: this.model,
      usage: this.finalUsage(line),
      content: this.assembler.content,
    };
  }

  private finalUsage(line: ResultLine | undefined): TurnUsage {
    // The CLI estimates what an answer took that was ended before the API told it.
    const spent = line && this.isCut ? toSpending(line) : undefined;
    if (spent) return spendingSince(this.options.spentBefore, spent).usage;
    const total = line && !this.wasInterrupted ? addUsage(NO_USAGE, line.usage) : undefined;
    return total && total.outputTokens >= this.usage.outputTokens ? total : this.usage;
  }
}

/** A pause before the CLI's next attempt for which a client is not kept waiting. */
const LONGEST_SILENT_PAUSE_SECONDS = 5;

function isNaturalEnd(stopReason: string | null): boolean {
  return stopReason === 'end_turn' || stopReason === 'stop_sequence';
}

function finishReason(stopReason: string | null): FinishReason {
  switch (stopReason) {
    case 'tool_use':
      return 'tool-calls';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'refusal';
    default:
      return 'stop';
  }
}
