import { Injectable } from '@nestjs/common';
import { tap, type Observable } from 'rxjs';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { ThinkingStore } from '../thinking-store.ts';
import type { AnswerStage } from './answer-stage.ts';

/**
 * Keeps the thinking of answers with tool calls, which the model needs with their results. Outside the cache stage, because
 * a repeated answer has new call ids.
 */
@Injectable()
export class ThinkingStage implements AnswerStage {
  constructor(private readonly store: ThinkingStore) {}

  around(asked: AskedTurn, next: (asked: AskedTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    return next(asked).pipe(
      tap(({ event }) => {
        if (event.type === 'finish') this.store.keep(asked.context.tenant, asked.turn, event.content);
      }),
    );
  }
}
