import { Injectable } from '@nestjs/common';
import { defer, Observable } from 'rxjs';
import type { Spending } from '../../claude-cli/turn/spending.ts';
import type { RequestContext } from '../../common/http/request-context.ts';
import { LimitsService } from '../../limits/limits.service.ts';
import { OpenTurns } from '../open-turns.ts';

/** Where an answer takes its place among the simultaneous requests of its key and of the service, and what it took is counted. */
@Injectable()
export class LimitStage {
  constructor(private readonly limits: LimitsService) {}

  /**
   * The events of an answer, cold; or a GatewayError before any of them. The place is given back exactly once: when the
   * answer has ended, has failed or is not wanted any more, and each turn that it began is settled. A cancelled turn keeps
   * its process for a while, and what it cost is known only then.
   *
   * @param answer called for each subscription; tells of each turn when it begins and when it is settled
   */
  apply<Event>(answer: (turns: OpenTurns) => Observable<Event>, context: RequestContext): Observable<Event> {
    return new Observable((subscriber) => {
      this.limits
        .enter(context)
        .then((leave) => {
          const turns = new OpenTurns(leave);
          if (!subscriber.closed) subscriber.add(defer(() => answer(turns)).subscribe(subscriber));
          // At once if the client has left meanwhile; behind the answer's own end, so that no turn can begin afterwards.
          subscriber.add(() => turns.end());
        })
        .catch((error: unknown) => subscriber.error(error));
    });
  }

  /** Counts what one of the answer's turns took: prompt, whole, and completion, as the client's usage has it. */
  charge({ usage, costUsd }: Spending, context: RequestContext): void {
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
    this.limits.charge(context, { tokens: inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens, costUsd });
  }
}
