import { Injectable } from '@nestjs/common';
import { invalidRequest } from '../common/errors/gateway-error.ts';
import { ConversationSettings } from '../config/settings.ts';
import { ConversationLine } from '../conversations/conversation-line.ts';
import { conversationNotFound, toStorageAnswer } from '../conversations/errors.ts';
import { newConversationId } from '../conversations/store/ids.ts';
import { ConversationStores, type FoundConversation } from '../conversations/stores.ts';
import type { HeldConversation } from '../answers/continue-conversation.ts';
import type { ChatCompletionRequest } from '../chat/request/dto/chat-completion-request.ts';

/** The conversation of a request. */
export interface ChatConversation {
  readonly id: string;
  readonly tenant: string;
  /** Undefined for one that begins with this request, or with one that still runs. */
  readonly found: FoundConversation | undefined;
  /** Whether the client named it, so that it has to be there when its turn comes. */
  readonly isGiven: boolean;
}

/** The header of an answer that is not in the conversation. */
export const NOT_STORED = ['x-claude-code-conversation-storage', 'none'] as const;

/** Finds the conversations that requests go on with. Everything rejects with a GatewayError. */
@Injectable()
export class ChatConversations {
  constructor(
    private readonly stores: ConversationStores,
    private readonly line: ConversationLine,
    private readonly settings: ConversationSettings,
  ) {}

  /**
   * The conversation that a body or a header names, or a new one.
   *
   * @param header the value of `x-conversation-id`
   */
  async open(tenant: string, body: unknown, header: string | undefined): Promise<ChatConversation> {
    const id = givenId(body, header);
    if (id === undefined) return { id: newConversationId(), tenant, found: undefined, isGiven: false };
    const found = await this.find(tenant, id);
    // Its first answer may still be on its way: that one has told its id already.
    if (!found && !this.line.isBusy(tenant, id)) throw conversationNotFound(id, 'conversation_id');
    return { id, tenant, found, isGiven: true };
  }

  /** Whether a turn of it runs or waits. */
  isBusy({ tenant, id }: ChatConversation): boolean {
    return this.line.isBusy(tenant, id);
  }

  /** The conversation as it is now. */
  async reopen(conversation: ChatConversation): Promise<ChatConversation> {
    const { tenant, id } = conversation;
    const found = await this.find(tenant, id);
    if (!found) throw conversationNotFound(id, 'conversation_id');
    return { ...conversation, found };
  }

  /** What it holds, as far as the request has to know it; undefined for a new one. */
  async load(conversation: ChatConversation, request: ChatCompletionRequest): Promise<HeldConversation | undefined> {
    const { tenant, id, found } = conversation;
    if (!found) return undefined;
    const { historyStart, droppedMessages } = found.record;
    // Only a request that tells what was answered before can begin with all that the conversation holds.
    const isRetold = request.messages.some(({ role }) => role === 'assistant');
    const items = await answering(found.store.history(tenant, id, isRetold ? 0 : historyStart));
    return { items, historyStart, droppedMessages, maxMessages: this.settings.maxHistoryMessages };
  }

  /** The headers of an answer that concern its conversation. */
  headers({ id, found }: ChatConversation, { store }: ChatCompletionRequest): Map<string, string> {
    const isInMemory = found
      ? found.store === this.stores.unstored
      : store === false || this.stores.problem !== undefined;
    const isNotAdded = store === false && found?.store === this.stores.stored;
    return new Map<string, string>([
      ['x-conversation-id', id],
      ...(isInMemory ? [['x-claude-code-conversation-storage', 'memory'] as const] : []),
      ...(isNotAdded ? [NOT_STORED] : []),
    ]);
  }

  private find(tenant: string, id: string): Promise<FoundConversation | undefined> {
    return answering(this.stores.find(tenant, id));
  }
}

function givenId(body: unknown, header: string | undefined): string | undefined {
  const field =
    typeof body === 'object' && body !== null && 'conversation_id' in body ? body.conversation_id : undefined;
  // Of another type it is refused where the body is understood.
  const inBody = typeof field === 'string' ? field : undefined;
  if (inBody !== undefined && header !== undefined && inBody !== header) {
    throw invalidRequest(
      "The body and the header 'x-conversation-id' name different conversations.",
      'conversation_id',
      'invalid_value',
    );
  }
  return inBody ?? header;
}

async function answering<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toStorageAnswer(error);
  }
}
