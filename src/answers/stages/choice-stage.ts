import { Injectable } from '@nestjs/common';
import { defer, finalize, mergeMap, range, type Observable } from 'rxjs';
import { ClaudeSettings } from '../../config/settings.ts';
import { ProcessPoolService } from '../../process-pool/process-pool.service.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerStage } from './answer-stage.ts';
import type { AdmittedTurn } from './limit-stage.ts';

/** The turn of one choice of a request. */
export interface ChoiceTurn extends AdmittedTurn {
  /** From 0. */
  readonly choice: number;
  /** Whether its request was admitted before, so that a full queue does not refuse it. */
  readonly isFollowUp: boolean;
}

/** The maximum concurrent processes of one request. */
const MAX_AT_ONCE = 4;

/**
 * Runs a turn once for each choice, a few at a time. A choice holds no process while it waits for another one, so even a
 * small pool cannot deadlock. The first failure ends all. Further turns of a begun answer still run while the service
 * drains.
 */
@Injectable()
export class ChoiceStage implements AnswerStage<AdmittedTurn, ChoiceTurn> {
  constructor(
    private readonly pool: ProcessPoolService,
    private readonly settings: ClaudeSettings,
  ) {}

  around(asked: AdmittedTurn, next: (asked: ChoiceTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    // The first choice has the request's place in the queue.
    const choose = (choice: number): Observable<AnswerEvent> => next({ ...asked, choice, isFollowUp: choice > 0 });
    const atOnce = Math.min(MAX_AT_ONCE, this.settings.maxConcurrentSessions);
    const choices = asked.choices === 1 ? choose(0) : range(0, asked.choices).pipe(mergeMap(choose, atOnce));
    return defer(() => choices.pipe(finalize(this.pool.keepOpen())));
  }
}
