import { Injectable } from '@nestjs/common';
import { defer, Observable } from 'rxjs';
import { LimitsService } from '../../limits/limits.service.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { OpenTurns } from '../open-turns.ts';
import type { AnswerStage } from './answer-stage.ts';

/** A turn with a place among the concurrent answers. */
export interface AdmittedTurn extends AskedTurn {
  /** Counts each turn that runs for the answer. */
  readonly openTurns: OpenTurns;
}

/**
 * Takes a place among the concurrent requests of the key and the service, or fails with a GatewayError. Returns the place
 * exactly once: when the answer has ended, failed or been cancelled and all its turns have settled. A cancelled turn keeps
 * its process for a while, and its cost is known only then.
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
          // Runs at once if the client has left meanwhile; otherwise after the answer's end, so that no turn can follow.
          subscriber.add(() => openTurns.end());
        })
        .catch((error: unknown) => subscriber.error(error));
    });
  }
}
