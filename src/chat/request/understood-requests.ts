import { Injectable } from '@nestjs/common';
import { deeplyFrozen } from '../../common/deeply-frozen.ts';
import type { RequestContext } from '../../common/http/request-context.ts';
import { TenantCache } from '../../common/tenant-cache.ts';
import { CacheSettings } from '../../config/settings.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import type { OutputFormat } from '../../answers/structured/output-format.ts';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';

/** What a body was understood as. */
export interface UnderstoodRequest {
  readonly request: ChatCompletionRequest;
  /** What its name of a model meant. */
  readonly model: ResolvedModel;
  /** What both are mapped to, without a conversation or media. */
  readonly mapped: MappedTurn;
  /** What the text of the answer has to be; undefined for plain text. */
  readonly format: OutputFormat | undefined;
}

type Asking = Pick<RequestContext, 'tenant' | 'body'>;

const MAX_MEGABYTES = 16;
/** What the bytes and the values of a body take in memory, at most, once it is understood. */
const MEMORY_PER_BYTE = 4;
const MEMORY_PER_VALUE = 400;

/**
 * What short bodies were understood as, so that who repeats one, byte for byte, need not have it understood again: where
 * the answer comes from the response cache, that took a quarter of the time. Without that cache no body is known again.
 */
@Injectable()
export class UnderstoodRequests {
  private readonly requests: TenantCache<UnderstoodRequest>;

  constructor({ maxEntries, maxMegabytes, ttlSeconds }: CacheSettings) {
    this.requests = new TenantCache({
      maxEntries,
      maxBytes: Math.min(maxMegabytes, MAX_MEGABYTES) * 1024 * 1024,
      ttlMs: ttlSeconds * 1000,
    });
  }

  /** What the same bytes of the same tenant were understood as; undefined when they are not known. */
  find({ tenant, body }: Asking): UnderstoodRequest | undefined {
    return body && this.requests.get(tenant, body.digest);
  }

  /** Has it known again: nothing of the request and what it is mapped to can be changed any more. */
  keep({ tenant, body }: Asking, understood: UnderstoodRequest): void {
    if (!body) return;
    deeplyFrozen(understood.request);
    deeplyFrozen(understood.mapped);
    deeplyFrozen(understood.format);
    const memoryBytes = body.bytes * MEMORY_PER_BYTE + body.values * MEMORY_PER_VALUE;
    this.requests.set(tenant, body.digest, understood, memoryBytes);
  }
}
