import { Injectable } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { StructuredOutput } from '../structured/structured-output.ts';
import type { AnswerStage } from './answer-stage.ts';
import type { ChoiceTurn } from './choice-stage.ts';

/** Makes a choice conform to the requested format, with a second turn if needed. */
@Injectable()
export class FormatStage implements AnswerStage<ChoiceTurn> {
  constructor(private readonly structured: StructuredOutput) {}

  around(asked: ChoiceTurn, next: (asked: ChoiceTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    const { format, turn, choice, context, isStreamed } = asked;
    if (!format) return next(asked);
    const events = this.structured.run(turn, {
      format,
      tenant: context.tenant,
      holdsBack: !isStreamed,
      run: (other, isFollowUp) =>
        next({ ...asked, turn: other, isFollowUp: asked.isFollowUp || isFollowUp }).pipe(map(({ event }) => event)),
    });
    return events.pipe(map((event) => ({ choice, event })));
  }
}
