import { Injectable } from '@nestjs/common';
import { catchError, tap, throwError, type Observable } from 'rxjs';
import type { Turn, TurnEvent, TurnFinish } from '../claude-cli/turn.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { ModelResolver } from '../models/model-resolver.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapUsage } from './map-usage.ts';
import { toGatewayError } from './to-gateway-error.ts';
import { toTurn } from './to-turn.ts';
import { ThinkingStore } from './thinking-store.ts';
import { TurnTiming } from './turn-timing.ts';

/** A request that was understood. */
export interface PreparedChat {
  readonly request: ChatCompletionRequest;
  readonly turn: Turn;
  /** Fields without effect, in words for a header. */
  readonly ignored: readonly string[];
  readonly timing: TurnTiming;
}

/** One chat completion from its body to the events of its turn. */
@Injectable()
export class ChatService {
  constructor(
    private readonly models: ModelResolver,
    private readonly pool: ProcessPoolService,
    private readonly thinking: ThinkingStore,
    private readonly settings: ClaudeSettings,
  ) {}

  /** Understands a body. Throws a GatewayError. */
  prepare(body: unknown, context: RequestContext): PreparedChat {
    const request = parseChatCompletionRequest(body);
    const model = this.models.resolve(request.model);
    const { turn, ignored } = toTurn(request, model, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
    });
    return {
      request,
      turn: this.thinking.restore(context.tenant, turn),
      ignored,
      timing: new TurnTiming(context.receivedAt),
    };
  }

  /** The events of the turn, cold; it fails with a GatewayError. */
  run({ turn, timing }: PreparedChat, context: RequestContext): Observable<TurnEvent> {
    return this.pool.run(turn, { tenant: context.tenant, onLeased: (lease) => timing.noteLease(lease) }).pipe(
      tap((event) => {
        if (event.type === 'finish') {
          this.thinking.keep(context.tenant, turn, event.content);
          this.noteFinish(event, timing, context);
        } else if (event.type !== 'start') timing.noteToken();
      }),
      catchError((error: unknown) => throwError(() => toGatewayError(error))),
    );
  }

  private noteFinish(finish: TurnFinish, timing: TurnTiming, context: RequestContext): void {
    timing.noteToken();
    const usage = mapUsage(finish.usage);
    context.answer = {
      model: finish.model,
      finishReason: finish.reason,
      tier: timing.tier,
      queueMs: timing.queueMs ?? 0,
      firstTokenMs: timing.firstTokenMs ?? 0,
      promptTokens: usage.prompt_tokens,
      cachedTokens: finish.usage.cacheReadTokens,
      completionTokens: usage.completion_tokens,
      reasoningTokens: finish.usage.thinkingTokens,
      costUsd: finish.costUsd,
    };
  }
}
