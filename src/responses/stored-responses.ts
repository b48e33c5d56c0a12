import { Injectable } from '@nestjs/common';
import type { ConversationItem, ConversationItemList } from 'openai/resources/conversations/items';
import type { HeldConversation } from '../answers/continue-conversation.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import type { PageQuery } from '../conversations/dto/page-query.ts';
import { unknownCursor } from '../conversations/errors.ts';
import { withGatewayErrors } from '../conversations/to-gateway-error.ts';
import type { StoredItem } from '../conversations/store/conversation-store.ts';
import { isSystem } from '../conversations/store/item-place.ts';
import {
  ConversationStores,
  type FoundConversation,
  type FoundResponse,
} from '../conversations/conversation-stores.ts';
import { toItem } from '../conversations/to-item.ts';
import type { ThinkingBlock } from '../turns/thinking/without-thinking.ts';
import { inputItem, toInputItem, type KnownItem } from './request/input-item.ts';
import type { SaidBefore } from './request/place-items.ts';
import { isResponseId, responseIdOf } from './response/response-ids.ts';

/** What is stored of a response beside what its client was given. */
export interface PrivateDocument {
  /** The model whose thinking it is, in the words of the CLI. */
  readonly model: string;
  /** By the ids of the reasoning items. */
  readonly thinking: Readonly<Record<string, ThinkingBlock>>;
}

/** The responses that are stored. Everything rejects with a GatewayError; one of another tenant is not there. */
@Injectable()
export class StoredResponses {
  constructor(private readonly stores: ConversationStores) {}

  /** As it was answered, as JSON. */
  async document(tenant: string, id: string): Promise<string> {
    const { response } = await this.get(tenant, id);
    return response.document;
  }

  async delete(tenant: string, id: string): Promise<void> {
    const { store } = await this.get(tenant, id);
    await withGatewayErrors(() => store.deleteResponse(tenant, id));
    this.stores.scrub();
  }

  /** Everything that the model was given before the response. */
  async inputItems(tenant: string, id: string, { after, limit, order }: PageQuery): Promise<ConversationItemList> {
    const found = await this.get(tenant, id);
    const items = await this.itemsBefore(tenant, found, found.response.answerPosition);
    if (order === 'desc') items.reverse();
    const start = after === undefined ? 0 : items.findIndex((item) => item.id === after) + 1;
    if (after !== undefined && start === 0) throw unknownCursor();
    const data = items.slice(start, start + limit).map(toItem);
    return {
      object: 'list',
      data,
      first_id: idOf(data.at(0)),
      last_id: idOf(data.at(-1)),
      has_more: items.length > start + limit,
    };
  }

  /** Undefined when the tenant has no such response. */
  find(tenant: string, id: string): Promise<FoundResponse | undefined> {
    return isResponseId(id)
      ? withGatewayErrors(() => this.stores.findResponse(tenant, id))
      : Promise.resolve(undefined);
  }

  /** What the conversation held when a response had ended. */
  async heldAt(tenant: string, found: FoundResponse, maxMessages: number): Promise<HeldConversation> {
    const items = await this.itemsBefore(tenant, found, found.response.endPosition);
    return { items, historyStart: 0, droppedMessages: 0, maxMessages };
  }

  /**
   * What earlier responses, and the conversation of the request, have said under these ids.
   *
   * @param model the one that is given its thinking back
   */
  async saidBefore(
    tenant: string,
    ids: readonly string[],
    model: string,
    conversation: FoundConversation | undefined,
  ): Promise<SaidBefore> {
    const items = new Map<string, KnownItem>();
    const thinking = new Map<string, ThinkingBlock>();
    const responseIds = new Set(ids.flatMap((id) => responseIdOf(id) ?? []));
    for (const responseId of responseIds) {
      const found = await this.find(tenant, responseId);
      if (!found) continue;
      const { document, privateDocument } = found.response;
      const { output } = JSON.parse(document) as { output: { id: string }[] };
      for (const item of output) noteItem(item.id, item, items);
      if (privateDocument === undefined) continue;
      const stored = JSON.parse(privateDocument) as PrivateDocument;
      if (stored.model !== model) continue;
      for (const [id, block] of Object.entries(stored.thinking)) thinking.set(id, block);
    }
    if (conversation) {
      for (const id of ids.filter((other) => !items.has(other))) {
        const item = await withGatewayErrors(() => conversation.store.item(tenant, conversation.record.id, id));
        if (item) noteItem(id, toItem(item), items);
      }
    }
    return { item: (id) => items.get(id), thinking: (id) => thinking.get(id) };
  }

  private async get(tenant: string, id: string): Promise<FoundResponse> {
    const found = await this.find(tenant, id);
    if (!found) throw responseNotFound(id);
    return found;
  }

  private async itemsBefore(
    tenant: string,
    { store, record, response }: FoundResponse,
    position: number,
  ): Promise<StoredItem[]> {
    const items = await withGatewayErrors(() => store.history(tenant, record.id, 0));
    return items.filter((item) => item.position < (isSystem(item) ? response.systemPosition : position));
  }
}

function noteItem(id: string, given: unknown, items: Map<string, KnownItem>): void {
  const read = inputItem.safeParse(given);
  if (!read.success) return;
  const item = toInputItem(read.data);
  if ('known' in item) items.set(id, item.known);
}

function responseNotFound(id: string): GatewayError {
  return new GatewayError(404, `Response with id '${id.slice(0, 100)}' not found.`, { code: 'response_not_found' });
}

function idOf(item: ConversationItem | undefined): string {
  return item && 'id' in item && typeof item.id === 'string' ? item.id : '';
}
