import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { deeplyFrozen } from '../common/deeply-frozen.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './dto/chat-completion-request.ts';
import type { MappedRequest } from './to-turn.ts';

const MAX_REQUESTS = 1000;
/** Of their bodies; what they are understood as takes a few times as much. */
const MAX_BYTES = 16 * 1024 * 1024;

interface Mapped {
  readonly model: ResolvedModel;
  readonly result: MappedRequest;
}

/**
 * What short bodies were understood as, so that who repeats one, byte for byte, need not have it understood again: where
 * the answer comes from the response cache, that took a quarter of the time. Without the cache, bodies are not known again.
 */
@Injectable()
export class UnderstoodRequests {
  private readonly requests = new LRUCache<string, ChatCompletionRequest>({ max: MAX_REQUESTS, maxSize: MAX_BYTES });
  /** What the known ones are mapped to, for the model that their name meant; undefined as long as they are not. */
  private readonly mapped = new WeakMap<ChatCompletionRequest, Mapped | undefined>();

  /**
   * The request that a body is, the same for the same bytes of the same tenant. Throws a GatewayError of status 400 that
   * names the first field that is wrong.
   */
  read(body: unknown, { tenant, body: identity }: Pick<RequestContext, 'tenant' | 'body'>): ChatCompletionRequest {
    if (!identity) return parseChatCompletionRequest(body);
    const key = `${tenant} ${identity.digest}`;
    const known = this.requests.get(key);
    if (known) return known;
    const request = deeplyFrozen(parseChatCompletionRequest(body));
    this.requests.set(key, request, { size: identity.bytes });
    this.mapped.set(request, undefined);
    return request;
  }

  /**
   * What a request is mapped to, the same as long as it is known and its name means the same model.
   *
   * @param map depends on the request, its model and the settings only
   */
  map(request: ChatCompletionRequest, model: ResolvedModel, map: () => MappedRequest): MappedRequest {
    if (!this.mapped.has(request)) return map();
    const known = this.mapped.get(request);
    if (known?.model.cliModel === model.cliModel && known.model.catalogue === model.catalogue) return known.result;
    const result = deeplyFrozen(map());
    this.mapped.set(request, { model, result });
    return result;
  }
}
