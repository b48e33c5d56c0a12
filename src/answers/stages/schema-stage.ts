import { Injectable } from '@nestjs/common';
import { switchMap, type Observable } from 'rxjs';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { StructuredOutput } from '../structured/structured-output.ts';
import type { AnswerStage } from './answer-stage.ts';

/** Prepares the schema of a format before the answer takes a place; a cached answer needs none. */
@Injectable()
export class SchemaStage implements AnswerStage {
  constructor(private readonly structured: StructuredOutput) {}

  around(asked: AskedTurn, next: (asked: AskedTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    const { format, context } = asked;
    if (!format) return next(asked);
    return this.structured.prepare(format, context.tenant).pipe(switchMap(() => next(asked)));
  }
}
