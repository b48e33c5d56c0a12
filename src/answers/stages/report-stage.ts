import { Injectable } from '@nestjs/common';
import { catchError, defer, tap, throwError, type Observable } from 'rxjs';
import { UpstreamError } from '../../claude-cli/errors.ts';
import { promptTokens } from '../../claude-cli/turn/token-usage.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { toGatewayError } from '../to-gateway-error.ts';
import type { AnswerStage } from './answer-stage.ts';

/** Records the usage of an answer for its log line and the figures, and maps failures to GatewayErrors. */
@Injectable()
export class ReportStage implements AnswerStage {
  around(asked: AskedTurn, next: (asked: AskedTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    const { context, timing, findTool } = asked;
    return defer(() => {
      const totals = new AnswerTotals();
      return next(asked).pipe(
        tap((event) => {
          totals.accept(event);
          if (event.event.type === 'start') return;
          timing.noteToken();
          if (event.event.type === 'finish') noteAnswer(totals, asked);
        }),
      );
    }).pipe(
      catchError((error: unknown) => {
        if (error instanceof UpstreamError) context.upstreamFailure = { ...error.report };
        return throwError(() => toGatewayError(error, findTool));
      }),
    );
  }
}

/** Records the usage of the answer so far. */
function noteAnswer(totals: AnswerTotals, { timing, context }: AskedTurn): void {
  const { spent } = totals;
  context.answer = {
    model: totals.model,
    finishReason: totals.finishReason,
    tier: timing.tier,
    queueMs: timing.queueMs ?? 0,
    firstTokenMs: timing.firstTokenMs ?? 0,
    promptTokens: promptTokens(spent),
    cachedTokens: spent.cacheReadTokens,
    completionTokens: spent.outputTokens,
    reasoningTokens: spent.thinkingTokens,
    costUsd: totals.costUsd,
  };
}
