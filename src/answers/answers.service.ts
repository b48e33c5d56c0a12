import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { AskedTurn } from './asked-turn.ts';
import { ModelTurns } from './model-turns.ts';
import { CacheStage } from './stages/cache-stage.ts';
import { ChoiceStage } from './stages/choice-stage.ts';
import { ConversationStage } from './stages/conversation-stage.ts';
import { FormatStage } from './stages/format-stage.ts';
import { LimitStage } from './stages/limit-stage.ts';
import { ReportStage } from './stages/report-stage.ts';
import { SchemaStage } from './stages/schema-stage.ts';
import { ThinkingStage } from './stages/thinking-stage.ts';

/** Produces the events of an answer from an asked turn, through all stages from the outside in. */
@Injectable()
export class AnswersService {
  constructor(
    private readonly report: ReportStage,
    private readonly conversation: ConversationStage,
    private readonly thinking: ThinkingStage,
    private readonly cache: CacheStage,
    private readonly schema: SchemaStage,
    private readonly limits: LimitStage,
    private readonly choices: ChoiceStage,
    private readonly format: FormatStage,
    private readonly model: ModelTurns,
  ) {}

  /** The events of the answer, cold. Fails with a GatewayError. */
  run(asked: AskedTurn): Observable<AnswerEvent> {
    return this.report.around(asked, (reported) =>
      this.conversation.around(reported, (current) =>
        this.thinking.around(current, (kept) =>
          this.cache.around(kept, (missed) =>
            this.schema.around(missed, (checked) =>
              this.limits.around(checked, (admitted) =>
                this.choices.around(admitted, (choice) => this.format.around(choice, (turn) => this.model.run(turn))),
              ),
            ),
          ),
        ),
      ),
    );
  }
}
