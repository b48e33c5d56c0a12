import { Injectable } from '@nestjs/common';
import type { ConversationDeletedResource } from 'openai/resources/conversations/conversations';
import type { ConversationItem, ConversationItemList } from 'openai/resources/conversations/items';
import { MediaService } from '../media/media.service.ts';
import { ModelResolver } from '../models/model-resolver.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import type { CreateConversationBody, CreateItemsBody, UpdateConversationBody } from './dto/conversation-bodies.ts';
import type { PageQuery } from './dto/page-query.ts';
import { ConversationLine } from './conversation-line.ts';
import { conversationNotFound, itemNotFound, unknownCursor } from './errors.ts';
import { withGatewayErrors } from './to-gateway-error.ts';
import { fromInputItem } from './from-input-item.ts';
import { ItemImages } from './item-images.ts';
import type { ConversationRecord } from './store/conversation-store.ts';
import { newConversationId } from './store/ids.ts';
import { ConversationStores, type FoundConversation } from './conversation-stores.ts';
import { toConversation, type ConversationObject } from './to-conversation.ts';
import { toItem } from './to-item.ts';
import { systemItem } from './to-items.ts';

export interface ConversationList {
  readonly object: 'list';
  readonly data: readonly ConversationObject[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

type Work<T> = (found: FoundConversation) => Promise<T>;

/** What the endpoints of conversations do. Everything rejects with a GatewayError; a foreign conversation is not there. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly stores: ConversationStores,
    private readonly pool: ProcessPoolService,
    private readonly models: ModelResolver,
    private readonly media: MediaService,
    private readonly line: ConversationLine,
  ) {}

  async create(tenant: string, body: CreateConversationBody): Promise<ConversationObject> {
    const { model, system } = body;
    if (typeof model === 'string') await this.models.resolve(model);
    const images = new ItemImages(this.media);
    const given = (body.items ?? []).map((item, index) => fromInputItem(item, `items[${index}]`, images));
    const isSystemGiven = typeof system === 'string' && system.trim() !== '';
    return withGatewayErrors(
      async () => {
        const { record } = await this.stores.stored.create(tenant, newConversationId(), {
          items: [...(isSystemGiven ? [systemItem(system)] : []), ...given],
          metadata: body.metadata ?? {},
          ...(typeof model === 'string' && { model }),
        });
        return this.toObject(tenant, record);
      },
      given.length > 0 ? 'items' : 'system',
    );
  }

  /** Those that are stored, by the time of their creation. */
  list(tenant: string, page: PageQuery): Promise<ConversationList> {
    return withGatewayErrors(async () => {
      const found = await this.stores.stored.list(tenant, page);
      if (!found) throw unknownCursor();
      const data = found.data.map((record) => this.toObject(tenant, record));
      const [first, last] = [data.at(0)?.id ?? null, data.at(-1)?.id ?? null];
      return { object: 'list', data, first_id: first, last_id: last, has_more: found.hasMore };
    });
  }

  get(tenant: string, id: string): Promise<ConversationObject> {
    return this.withFound(tenant, id, async ({ record }) => this.toObject(tenant, record));
  }

  update(tenant: string, id: string, body: UpdateConversationBody, signal: AbortSignal): Promise<ConversationObject> {
    return this.onceThere(tenant, id, signal, async ({ store }) => {
      const changed = await store.change(tenant, id, { metadata: body.metadata ?? {} });
      if (!changed) throw conversationNotFound(id);
      return this.toObject(tenant, changed.record);
    });
  }

  /** At once, also while a turn of it runs: its client still gets the answer. */
  delete(tenant: string, id: string, signal: AbortSignal): Promise<ConversationDeletedResource> {
    return this.onceThere(tenant, id, signal, async ({ store }) => {
      await store.delete(tenant, id);
      this.stores.scrub();
      return { id, object: 'conversation.deleted', deleted: true };
    });
  }

  addItems(tenant: string, id: string, body: CreateItemsBody, signal: AbortSignal): Promise<ConversationItemList> {
    const images = new ItemImages(this.media);
    const items = body.items.map((item, index) => fromInputItem(item, `items[${index}]`, images));
    return this.inLine(tenant, id, signal, async ({ store }) => {
      const changed = await store.change(tenant, id, { items });
      if (!changed) throw conversationNotFound(id);
      return toItemList(changed.items.map(toItem), false);
    });
  }

  listItems(tenant: string, id: string, page: PageQuery): Promise<ConversationItemList> {
    return this.withFound(tenant, id, async ({ store }) => {
      const found = await store.items(tenant, id, page);
      if (!found) throw unknownCursor();
      return toItemList(found.data.map(toItem), found.hasMore);
    });
  }

  getItem(tenant: string, id: string, itemId: string): Promise<ConversationItem> {
    return this.withFound(tenant, id, async ({ store }) => {
      const item = await store.item(tenant, id, itemId);
      if (!item) throw itemNotFound(itemId);
      return toItem(item);
    });
  }

  deleteItem(tenant: string, id: string, itemId: string, signal: AbortSignal): Promise<ConversationObject> {
    return this.inLine(tenant, id, signal, async ({ store }) => {
      if (!(await store.deleteItem(tenant, id, itemId))) throw itemNotFound(itemId);
      this.stores.scrub();
      const record = await store.get(tenant, id);
      if (!record) throw conversationNotFound(id);
      return this.toObject(tenant, record);
    });
  }

  private withFound<T>(tenant: string, id: string, work: Work<T>): Promise<T> {
    return withGatewayErrors(async () => {
      const found = await this.stores.find(tenant, id);
      if (!found) throw conversationNotFound(id);
      return work(found);
    }, 'items');
  }

  /** The same for one whose first turn still runs: what is asked for then happens after it. */
  private async onceThere<T>(tenant: string, id: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    const isThere = (await withGatewayErrors(() => this.stores.find(tenant, id))) !== undefined;
    if (isThere || !this.line.isBusy(tenant, id)) return this.withFound(tenant, id, work);
    return this.line.change(tenant, id, () => this.withFound(tenant, id, work), signal);
  }

  /** A change of items: turns before it do not see it, and turns after it do. */
  private async inLine<T>(tenant: string, id: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    const isThere = (await withGatewayErrors(() => this.stores.find(tenant, id))) !== undefined;
    if (!isThere && !this.line.isBusy(tenant, id)) throw conversationNotFound(id);
    return this.line.change(tenant, id, () => this.withFound(tenant, id, work), signal);
  }

  private toObject(tenant: string, record: ConversationRecord): ConversationObject {
    const isLive = record.head !== undefined && this.pool.holds(tenant, record.head);
    return toConversation(record, { timeoutMs: this.stores.timeoutMs, isLive });
  }
}

function toItemList(data: ConversationItem[], hasMore: boolean): ConversationItemList {
  // Of an empty list OpenAI's description leaves open what they are; the clients have them as texts.
  return { object: 'list', data, first_id: idOf(data.at(0)), last_id: idOf(data.at(-1)), has_more: hasMore };
}

function idOf(item: ConversationItem | undefined): string {
  return item && 'id' in item && typeof item.id === 'string' ? item.id : '';
}
