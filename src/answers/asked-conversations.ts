import { Injectable } from '@nestjs/common';
import { ConversationSettings } from '../config/settings.ts';
import { ConversationLine } from '../conversations/conversation-line.ts';
import { conversationNotFound } from '../conversations/errors.ts';
import { withGatewayErrors } from '../conversations/to-gateway-error.ts';
import { newConversationId } from '../conversations/store/ids.ts';
import { ConversationStores, type FoundConversation } from '../conversations/conversation-stores.ts';
import type { HeldConversation } from './continue-conversation.ts';

/** The conversation of a request. */
export interface AskedConversation {
  readonly id: string;
  readonly tenant: string;
  /** Undefined for a conversation that begins with this request, or with one that still runs. */
  readonly found: FoundConversation | undefined;
  /** Whether the client named it, so that it must exist when its turn begins. */
  readonly isGiven: boolean;
  /** Set for a request of an API without conversations: it is not stored and has no conversation headers. */
  readonly isNone?: true;
}

/** The header of an answer that is not stored. */
export const NOT_STORED = ['x-claude-code-conversation-storage', 'none'] as const;

/** Finds the conversations that requests continue. All methods reject with a GatewayError. */
@Injectable()
export class AskedConversations {
  constructor(
    private readonly stores: ConversationStores,
    private readonly line: ConversationLine,
    private readonly settings: ConversationSettings,
  ) {}

  /** The conversation with an id, or a new one without an id. */
  async open(tenant: string, id: string | undefined): Promise<AskedConversation> {
    if (id === undefined) return { id: newConversationId(), tenant, found: undefined, isGiven: false };
    const found = await this.find(tenant, id);
    // Its first answer may still run; the headers of that answer have the id.
    if (!found && !this.line.isBusy(tenant, id)) throw conversationNotFound(id, 'conversation_id');
    return { id, tenant, found, isGiven: true };
  }

  /** For a request of an API without conversations. */
  none(tenant: string): AskedConversation {
    return { id: newConversationId(), tenant, found: undefined, isGiven: false, isNone: true };
  }

  /** Whether a turn of it runs or is queued. */
  isBusy({ tenant, id }: AskedConversation): boolean {
    return this.line.isBusy(tenant, id);
  }

  /** The present state of the conversation. */
  async reopen(conversation: AskedConversation): Promise<AskedConversation> {
    const { tenant, id } = conversation;
    const found = await this.find(tenant, id);
    if (!found) throw conversationNotFound(id, 'conversation_id');
    return { ...conversation, found };
  }

  /**
   * The content that the request needs; undefined for a new conversation.
   *
   * @param isRetold whether the request repeats the earlier answers itself
   */
  async load(conversation: AskedConversation, isRetold: boolean): Promise<HeldConversation | undefined> {
    const { tenant, id, found } = conversation;
    if (!found) return undefined;
    const { historyStart, droppedMessages } = found.record;
    // Only such a request can begin with all items of the conversation.
    const items = await withGatewayErrors(() => found.store.history(tenant, id, isRetold ? 0 : historyStart));
    return { items, historyStart, droppedMessages, maxMessages: this.settings.maxHistoryMessages };
  }

  /** The response headers about the conversation. */
  headers({ id, found, isNone }: AskedConversation, isStored: boolean): Map<string, string> {
    if (isNone) return new Map();
    const isInMemory = found ? found.store === this.stores.unstored : !isStored || this.stores.problem !== undefined;
    const isNotAdded = !isStored && found?.store === this.stores.stored;
    return new Map<string, string>([
      ['x-conversation-id', id],
      ...(isInMemory ? [['x-claude-code-conversation-storage', 'memory'] as const] : []),
      ...(isNotAdded ? [NOT_STORED] : []),
    ]);
  }

  private find(tenant: string, id: string): Promise<FoundConversation | undefined> {
    return withGatewayErrors(() => this.stores.find(tenant, id));
  }
}
