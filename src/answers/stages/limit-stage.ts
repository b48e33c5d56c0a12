import { Injectable } from '@nestjs/common';
import { defer, Observable } from 'rxjs';
import { LimitsService } from '../../limits/limits.service.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { OpenTurns } from '../open-turns.ts';
import type { AnswerStage } from './answer-stage.ts';

/** A turn whose answer has its place among the simultaneous ones. */
export interface AdmittedTurn extends AskedTurn {
  /** To be told of each turn that is run for the answer. */
  readonly openTurns: OpenTurns;
}

/**
 * Takes the answer's place among the simultaneous requests of its key and of the service, or fails with a GatewayError. The
 * place is given back exactly once: when the answer has ended, has failed or is not wanted any more, and each turn that it
 * began is settled. A cancelled turn keeps its process for a while, and what it cost is known only then.
 */
@Injectable()
export class LimitStage implements AnswerStage<AskedTurn, AdmittedTurn> {
  constructor(private readonly limits: LimitsService) {}

  around(asked: AskedTurn, next: (asked: AdmittedTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    const answer = (openTurns: OpenTurns): Observable<AnswerEvent> => next({ ...asked, openTurns });
    return new Observable((subscriber) => {
      this.limits
        .enter(asked.context)
        .then((leave) => {
          const openTurns = new OpenTurns(leave);
          if (!subscriber.closed) subscriber.add(defer(() => answer(openTurns)).subscribe(subscriber));
          // At once if the client has left meanwhile; behind the answer's own end, so that no turn can begin afterwards.
          subscriber.add(() => openTurns.end());
        })
        .catch((error: unknown) => subscriber.error(error));
    });
  }
}
