import { Injectable } from '@nestjs/common';
import { catchError, defer, tap, throwError, type Observable } from 'rxjs';
import type { Turn, TurnEvent } from '../claude-cli/turn.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { LimitStage } from '../limits/limit-stage.ts';
import { ModelAccess } from '../models/model-access.ts';
import type { LeaseOptions } from '../process-pool/lease.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { newAnswerIdentity, type AnswerIdentity } from './answer-identity.ts';
import { AnswerTotals } from './answer-totals.ts';
import type { ChoiceEvent } from './choice-event.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapUsage } from './map-usage.ts';
import { runChoices } from './run-choices.ts';
import { mapResponseFormat, type OutputFormat } from './structured/output-format.ts';
import { SchemaChecker } from './structured/schema-checker.ts';
import { StructuredOutput } from './structured/structured-output.ts';
import { toGatewayError } from './to-gateway-error.ts';
import { toTurn } from './to-turn.ts';
import { ThinkingStore } from './thinking-store.ts';
import { TurnTiming } from './turn-timing.ts';

/** A request that was understood. */
export interface PreparedChat {
  readonly request: ChatCompletionRequest;
  readonly turn: Turn;
  /** What the text of the answer has to be; undefined for plain text. */
  readonly format: OutputFormat | undefined;
  readonly identity: AnswerIdentity;
  /** Fields without effect, in words for a header. */
  readonly ignored: readonly string[];
  readonly timing: TurnTiming;
}

/** One chat completion from its body to the events of its answer. */
@Injectable()
export class ChatService {
  private readonly schemas = new SchemaChecker();
  private readonly structured = new StructuredOutput();

  constructor(
    private readonly models: ModelAccess,
    private readonly pool: ProcessPoolService,
    private readonly thinking: ThinkingStore,
    private readonly limits: LimitStage,
    private readonly settings: ClaudeSettings,
  ) {}

  /** Understands a body. Rejects with a GatewayError. */
  async prepare(body: unknown, context: RequestContext): Promise<PreparedChat> {
    const request = parseChatCompletionRequest(body);
    const model = this.models.resolve(request.model, context.policy);
    const { turn, ignored } = toTurn(request, model, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
    });
    return {
      request,
      turn: this.thinking.restore(context.tenant, turn),
      format: await mapResponseFormat(request.response_format, this.schemas),
      identity: newAnswerIdentity(),
      ignored,
      timing: new TurnTiming(context.receivedAt),
    };
  }

  /** The events of the answer, cold; it fails with a GatewayError. */
  run(prepared: PreparedChat, context: RequestContext): Observable<ChoiceEvent> {
    return defer(() => {
      const totals = new AnswerTotals();
      return this.limits.apply(this.runChoices(prepared, context), context).pipe(
        tap((event) => {
          totals.accept(event);
          if (event.event.type === 'start') return;
          prepared.timing.noteToken();
          if (event.event.type === 'finish') noteAnswer(totals, prepared.timing, context);
        }),
      );
    }).pipe(catchError((error: unknown) => throwError(() => toGatewayError(error))));
  }

  private runChoices(prepared: PreparedChat, context: RequestContext): Observable<ChoiceEvent> {
    const { request, timing } = prepared;
    return runChoices(request.n ?? 1, this.settings.maxConcurrentSessions, (choice) =>
      this.runChoice(prepared, {
        tenant: context.tenant,
        // The request has its place in the line with its first choice.
        isAdmitted: choice > 0,
        onLeased: (lease) => timing.noteLease(lease),
        onSettled: ({ spending }) => this.limits.charge(spending, context),
      }),
    );
  }

  private runChoice({ request, turn, format }: PreparedChat, options: LeaseOptions): Observable<TurnEvent> {
    if (!format) return this.runTurn(turn, options);
    return this.structured.run(turn, {
      format,
      holdsBack: request.stream !== true,
      run: (next, isFollowUp) =>
        this.runTurn(next, { ...options, isAdmitted: options.isAdmitted === true || isFollowUp }),
    });
  }

  /** One turn on a process of the pool. */
  private runTurn(turn: Turn, options: LeaseOptions): Observable<TurnEvent> {
    return this.pool.run(turn, options).pipe(
      tap((event) => {
        if (event.type === 'finish') this.thinking.keep(options.tenant, turn, event.content);
      }),
    );
  }
}

/** What the access line and the figures tell of an answer, as far as it has come. */
function noteAnswer(totals: AnswerTotals, timing: TurnTiming, context: RequestContext): void {
  const usage = mapUsage(totals.usage);
  context.answer = {
    model: totals.model,
    finishReason: totals.finishReason,
    tier: timing.tier,
    queueMs: timing.queueMs ?? 0,
    firstTokenMs: timing.firstTokenMs ?? 0,
    promptTokens: usage.prompt_tokens,
    cachedTokens: totals.usage.cacheReadTokens,
    completionTokens: usage.completion_tokens,
    reasoningTokens: totals.usage.thinkingTokens,
    costUsd: totals.costUsd,
  };
}
