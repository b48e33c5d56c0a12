import { Injectable } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { Spending } from '../claude-cli/spending.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { LimitsService } from './limits.service.ts';

/** Where an answer takes its place among the simultaneous requests of its key and of the service, and what it took is counted. */
@Injectable()
export class LimitStage {
  constructor(private readonly limits: LimitsService) {}

  /**
   * The same events, cold; or a GatewayError before any of them. The place is given back exactly once, when the answer
   * has ended, has failed or is not wanted any more.
   */
  apply<Event>(events: Observable<Event>, context: RequestContext): Observable<Event> {
    return new Observable((subscriber) => {
      this.limits.enter(context).then(
        (leave) => {
          // At once if the client has left meanwhile.
          subscriber.add(leave);
          if (!subscriber.closed) subscriber.add(events.subscribe(subscriber));
        },
        (error: unknown) => subscriber.error(error),
      );
    });
  }

  /** Counts what one of the answer's turns took: prompt, whole, and completion, as the client's usage has it. */
  charge({ usage, costUsd }: Spending, context: RequestContext): void {
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
    this.limits.charge(context, { tokens: inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens, costUsd });
  }
}
