import type { Observable } from 'rxjs';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';

/**
 * One step around the making of an answer; AnswersService puts the steps together.
 *
 * @typeParam Asked what it needs to know of the turn
 * @typeParam Passed what the stages inside of it need to know
 */
export interface AnswerStage<Asked extends AskedTurn = AskedTurn, Passed extends AskedTurn = Asked> {
  /**
   * The events of the answer, cold: subscribing starts it, unsubscribing cancels it.
   *
   * @param next the answer that the stages inside make, cold
   */
  around(asked: Asked, next: (asked: Passed) => Observable<AnswerEvent>): Observable<AnswerEvent>;
}
