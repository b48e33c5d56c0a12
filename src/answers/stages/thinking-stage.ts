import { Injectable } from '@nestjs/common';
import { tap, type Observable } from 'rxjs';
import type { RequestContext } from '../../common/http/request-context.ts';
import type { ChoiceEvent } from '../../turns/answer-event.ts';
import { CacheStage, type Caching } from './cache-stage.ts';
import { ChoiceStage } from './choice-stage.ts';
import type { PreparedChat } from '../../chat/prepared-chat.ts';
import { ThinkingStore } from '../thinking-store.ts';

/** The answer to a turn, from the cache or the model. Its thinking is kept, since calls of tools need it later. */
@Injectable()
export class AnswerStage {
  constructor(
    private readonly cache: CacheStage,
    private readonly choices: ChoiceStage,
    private readonly thinking: ThinkingStore,
  ) {}

  /** The choices, cold. */
  run(prepared: PreparedChat, context: RequestContext, caching: Caching): Observable<ChoiceEvent> {
    const events = this.cache.run(prepared, context, caching, () => this.choices.run(prepared, context));
    return events.pipe(
      tap(({ event }) => {
        // Behind the cache, since an answer that is given again has call ids of its own.
        if (event.type === 'finish') this.thinking.keep(context.tenant, prepared.turn, event.content);
      }),
    );
  }
}
