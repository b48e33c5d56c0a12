import { Injectable } from '@nestjs/common';
import { catchError, defer, tap, throwError, type Observable } from 'rxjs';
import type { Turn, TurnEvent } from '../claude-cli/turn.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { ModelResolver } from '../models/model-resolver.ts';
import type { LeaseOptions } from '../process-pool/lease.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { newAnswerIdentity, type AnswerIdentity } from './answer-identity.ts';
import { AnswerTotals } from './answer-totals.ts';
import type { ChoiceEvent } from './choice-event.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapUsage } from './map-usage.ts';
import { runChoices } from './run-choices.ts';
import { toGatewayError } from './to-gateway-error.ts';
import { toTurn } from './to-turn.ts';
import { ThinkingStore } from './thinking-store.ts';
import { TurnTiming } from './turn-timing.ts';

/** A request that was understood. */
export interface PreparedChat {
  readonly request: ChatCompletionRequest;
  readonly turn: Turn;
  readonly identity: AnswerIdentity;
  /** Fields without effect, in words for a header. */
  readonly ignored: readonly string[];
  readonly timing: TurnTiming;
}

/** One chat completion from its body to the events of its answer. */
@Injectable()
export class ChatService {
  constructor(
    private readonly models: ModelResolver,
    private readonly pool: ProcessPoolService,
    private readonly thinking: ThinkingStore,
    private readonly settings: ClaudeSettings,
  ) {}

  /** Understands a body. Rejects with a GatewayError. */
  async prepare(body: unknown, context: RequestContext): Promise<PreparedChat> {
    const request = parseChatCompletionRequest(body);
    const model = this.models.resolve(request.model);
    const { turn, ignored } = toTurn(request, model, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
    });
    return {
      request,
      turn: this.thinking.restore(context.tenant, turn),
      identity: newAnswerIdentity(),
      ignored,
      timing: new TurnTiming(context.receivedAt),
    };
  }

  /** The events of the answer, cold; it fails with a GatewayError. */
  run(prepared: PreparedChat, context: RequestContext): Observable<ChoiceEvent> {
    return defer(() => {
      const totals = new AnswerTotals();
      return this.runChoices(prepared, context).pipe(
        tap((event) => {
          totals.accept(event);
          if (event.event.type === 'start') return;
          prepared.timing.noteToken();
          if (event.event.type === 'finish') noteAnswer(totals, prepared.timing, context);
        }),
      );
    }).pipe(catchError((error: unknown) => throwError(() => toGatewayError(error))));
  }

  private runChoices({ request, turn, timing }: PreparedChat, context: RequestContext): Observable<ChoiceEvent> {
    return runChoices(request.n ?? 1, this.settings.maxConcurrentSessions, (choice) =>
      this.runTurn(turn, {
        tenant: context.tenant,
        requestId: context.requestId,
        // The request has its place in the line with its first choice.
        isAdmitted: choice > 0,
        onLeased: (lease) => timing.noteLease(lease),
      }),
    );
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
