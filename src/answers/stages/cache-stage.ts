import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Turn } from '../../claude-cli/turn/turn.ts';
import type { CacheStatus } from '../../response-cache/cache-figures.ts';
import { responseCacheKey } from '../../response-cache/response-cache-key.ts';
import { ResponseCache } from '../../response-cache/response-cache.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';
import type { AnswerStage } from './answer-stage.ts';

/** Serves requests without a conversation from the response cache; never caches the answers of conversations. */
@Injectable()
export class CacheStage implements AnswerStage {
  /** A turn belongs to one request of one tenant, even if its mapping is reused. */
  private readonly keys = new WeakMap<Turn, string>();

  constructor(private readonly cache: ResponseCache) {}

  around(asked: AskedTurn, next: (asked: AskedTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    if (!this.cache.isEnabled) return next(asked);
    const { control, onStatus } = asked.caching;
    const key = !asked.conversation.isGiven && control.stores ? this.keyOf(asked) : undefined;
    const note = (status: CacheStatus): void => {
      if (status === 'hit' || status === 'shared') asked.timing.noteCache(status);
      onStatus(status);
    };
    // Only an unsent answer can be repaired or repeated, so streamed and whole requests do not share one.
    const manner = asked.isStreamed ? 'streamed' : 'whole';
    return this.cache.answer({ key, manner, control, onStatus: note }, () => next(asked));
  }

  private keyOf({ turn, choices, context, caching }: AskedTurn): string {
    const known = this.keys.get(turn);
    if (known !== undefined) return known;
    const key = responseCacheKey({ tenant: context.tenant, turn, choices, identity: caching.identity });
    this.keys.set(turn, key);
    return key;
  }
}
