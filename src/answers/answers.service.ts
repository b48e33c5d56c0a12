import { Injectable } from '@nestjs/common';
import { catchError, defer, tap, throwError, type Observable } from 'rxjs';
import { UpstreamError } from '../claude-cli/errors.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import type { ChoiceEvent } from '../turns/answer-event.ts';
import { AnswerTotals } from '../turns/answer-totals.ts';
import { AnswerStage } from './stages/thinking-stage.ts';
import type { Caching } from './stages/cache-stage.ts';
import { ConversationStage } from './stages/conversation-stage.ts';
import { ChatPreparation } from '../chat/chat-preparation.ts';
import { toolPath } from '../chat/request/map-tools.ts';
import { mapUsage } from '../chat/response/map-usage.ts';
import type { PreparedChat } from '../chat/prepared-chat.ts';
import { toGatewayError } from './to-gateway-error.ts';
import type { TurnTiming } from './turn-timing.ts';

/** The answer to a chat completion, stage by stage from the outside in: conversation, cache, limits and model. */
@Injectable()
export class ChatService {
  constructor(
    private readonly preparation: ChatPreparation,
    private readonly conversations: ConversationStage,
    private readonly answers: AnswerStage,
  ) {}

  /** The events of the answer, cold; it fails with a GatewayError. */
  run(prepared: PreparedChat, context: RequestContext, caching: Caching): Observable<ChoiceEvent> {
    return defer(() => {
      const totals = new AnswerTotals();
      const events = this.conversations.run(prepared, {
        again: (conversation) => this.preparation.again(prepared, conversation),
        next: (current) => this.answers.run(current, context, caching),
      });
      return events.pipe(
        tap((event) => {
          totals.accept(event);
          if (event.event.type === 'start') return;
          prepared.timing.noteToken();
          if (event.event.type === 'finish') noteAnswer(totals, prepared.timing, context);
        }),
      );
    }).pipe(
      catchError((error: unknown) => {
        if (error instanceof UpstreamError) context.upstreamFailure = { ...error.report };
        return throwError(() => toGatewayError(error, (name) => toolPath(prepared.request, name)));
      }),
    );
  }
}

/** What the access line and the figures tell of an answer, as far as it has come: what was spent for it. */
function noteAnswer(totals: AnswerTotals, timing: TurnTiming, context: RequestContext): void {
  const usage = mapUsage(totals.spent);
  context.answer = {
    model: totals.model,
    finishReason: totals.finishReason,
    tier: timing.tier,
    queueMs: timing.queueMs ?? 0,
    firstTokenMs: timing.firstTokenMs ?? 0,
    promptTokens: usage.prompt_tokens,
    cachedTokens: totals.spent.cacheReadTokens,
    completionTokens: usage.completion_tokens,
    reasoningTokens: totals.spent.thinkingTokens,
    costUsd: totals.costUsd,
  };
}
