import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Turn } from '../../claude-cli/turn/turn.ts';
import type { RequestContext } from '../../common/http/request-context.ts';
import type { CacheControl } from '../../response-cache/cache-control.ts';
import type { CacheStatus } from '../../response-cache/cache-figures.ts';
import { responseCacheKey } from '../../response-cache/response-cache-key.ts';
import { ResponseCache } from '../../response-cache/response-cache.ts';
import type { ChoiceEvent } from '../../turns/answer-event.ts';
import type { PreparedChat } from '../../chat/prepared-chat.ts';

/** How a client wants the cache to be used, and how it is told what happened. */
export interface Caching {
  readonly control: CacheControl;
  /** Told before the first event of the answer, and only where there is a cache. */
  readonly onStatus: (status: CacheStatus) => void;
}

/** Serves requests that stand for themselves from the response cache; what a conversation says next is never cached. */
@Injectable()
export class CacheStage {
  /** A turn is of one request of one tenant, whether it is made for it or known again (UnderstoodRequests). */
  private readonly keys = new WeakMap<Turn, string>();

  constructor(private readonly cache: ResponseCache) {}

  /** @param produce the answer of a model, cold; not called when none has to be asked */
  run(
    prepared: PreparedChat,
    context: RequestContext,
    { control, onStatus }: Caching,
    produce: () => Observable<ChoiceEvent>,
  ): Observable<ChoiceEvent> {
    if (!this.cache.isEnabled) return produce();
    const key = !prepared.conversation.isGiven && control.stores ? this.keyOf(prepared, context) : undefined;
    const note = (status: CacheStatus): void => {
      if (status === 'hit' || status === 'shared') prepared.timing.noteCache(status);
      onStatus(status);
    };
    // Only an answer that was not sent yet can be repaired or begun again, so streamed and whole requests do not share one.
    const manner = prepared.request.stream === true ? 'streamed' : 'whole';
    return this.cache.through({ key, manner, control, onStatus: note }, produce);
  }

  private keyOf({ request, turn }: PreparedChat, { tenant }: RequestContext): string {
    const known = this.keys.get(turn);
    if (known !== undefined) return known;
    const key = responseCacheKey({
      tenant,
      turn,
      choices: request.n ?? 1,
      responseFormat: request.response_format,
      seed: request.seed ?? null,
    });
    this.keys.set(turn, key);
    return key;
  }
}
