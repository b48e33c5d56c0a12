import { Injectable } from '@nestjs/common';
import { defer, finalize, mergeMap, range, type Observable } from 'rxjs';
import { ClaudeSettings } from '../../config/settings.ts';
import { ProcessPoolService } from '../../process-pool/process-pool.service.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerStage } from './answer-stage.ts';
import type { AdmittedTurn } from './limit-stage.ts';

/** The turn of one of the alternatives that a request asks for. */
export interface ChoiceTurn extends AdmittedTurn {
  /** From 0. */
  readonly choice: number;
  /** Whether it continues what was begun already, so that it may wait even where the queue is full. */
  readonly isFollowUp: boolean;
}

/** One request does not take more of the pool than this. */
const MAX_AT_ONCE = 4;

/**
 * Runs a turn once for each choice, a few at once. No choice holds a process while it waits for another one, so the pool
 * cannot lock up however small it is. The first failure ends all. The turns of an answer that has begun are not refused
 * because the service is told to stop meanwhile.
 */
@Injectable()
export class ChoiceStage implements AnswerStage<AdmittedTurn, ChoiceTurn> {
  constructor(
    private readonly pool: ProcessPoolService,
    private readonly settings: ClaudeSettings,
  ) {}

  around(asked: AdmittedTurn, next: (asked: ChoiceTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    // The request has its place in the queue with its first choice.
    const choose = (choice: number): Observable<AnswerEvent> => next({ ...asked, choice, isFollowUp: choice > 0 });
    const atOnce = Math.min(MAX_AT_ONCE, this.settings.maxConcurrentSessions);
    const choices = asked.choices === 1 ? choose(0) : range(0, asked.choices).pipe(mergeMap(choose, atOnce));
    return defer(() => choices.pipe(finalize(this.pool.keepOpen())));
  }
}
