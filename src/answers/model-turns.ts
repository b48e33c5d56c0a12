import { Injectable } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { Spending } from '../claude-cli/turn/spending.ts';
import { promptTokens } from '../claude-cli/turn/token-usage.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { LimitsService } from '../limits/limits.service.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import { runUnderModelNames } from '../turns/property-names/rename-turn.ts';
import type { ChoiceTurn } from './stages/choice-stage.ts';

/** Runs a turn on a process of the pool, and charges its usage to the key and the service. */
@Injectable()
export class ModelTurns {
  constructor(
    private readonly pool: ProcessPoolService,
    private readonly limits: LimitsService,
  ) {}

  /** The events of the turn, cold. */
  run({ turn, choice, isFollowUp, isStreamed, context, timing, openTurns }: ChoiceTurn): Observable<AnswerEvent> {
    const events = runUnderModelNames(turn, (renamed) =>
      this.pool.run(renamed, {
        tenant: context.tenant,
        requestId: context.requestId,
        isAdmitted: isFollowUp,
        isWhole: !isStreamed,
        onPiece: () => timing.noteToken(),
        onLeased: (lease) => {
          openTurns.begin();
          timing.noteLease(lease);
        },
        onSettled: ({ spending }) => {
          this.charge(spending, context);
          openTurns.settle();
        },
      }),
    );
    return events.pipe(map((event) => ({ choice, event })));
  }

  private charge({ usage, costUsd }: Spending, context: RequestContext): void {
    this.limits.charge(context, { tokens: promptTokens(usage) + usage.outputTokens, costUsd });
  }
}
