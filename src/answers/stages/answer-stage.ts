import type { Observable } from 'rxjs';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';

/**
 * One stage of an answer; AnswersService composes the stages.
 *
 * @typeParam Asked what the stage needs to know of the turn
 * @typeParam Passed what the inner stages need to know
 */
export interface AnswerStage<Asked extends AskedTurn = AskedTurn, Passed extends AskedTurn = Asked> {
  /**
   * The events of the answer, cold: subscribing starts it, unsubscribing cancels it.
   *
   * @param next the answer of the inner stages, cold
   */
  around(asked: Asked, next: (asked: Passed) => Observable<AnswerEvent>): Observable<AnswerEvent>;
}
