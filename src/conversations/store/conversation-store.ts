import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';

export type ItemKind = 'message' | 'function_call' | 'function_call_output';
export type ItemRole = 'system' | 'developer' | 'user' | 'assistant';

/**
 * A part of a conversation that clients see as one: a message, a call or the result of one. Its blocks are those that
 * the model is given, the thinking that led to it included; all items in their order make the history again.
 */
export interface NewItem {
  readonly kind: ItemKind;
  readonly role: ItemRole;
  readonly content: readonly (UserBlock | AssistantBlock)[];
  /** The model that said it, in the words of the CLI: thinking can only be given back to that one. */
  readonly model?: string;
}

export interface StoredItem extends NewItem {
  readonly id: string;
  /** Its place in the conversation; those of system texts are negative. */
  readonly position: number;
}

/** Tokens of all turns. */
export interface ConversationUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

export interface ConversationRecord {
  readonly id: string;
  /** Milliseconds of Unix time, as all times here. */
  readonly createdAt: number;
  /** When it was last changed or continued; its expiry counts from then. */
  readonly updatedAt: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** The model that it was continued with last, as the client named it. */
  readonly model: string | undefined;
  /** The position of the first item that is still sent to the model. */
  readonly historyStart: number;
  /** How many messages are not sent any more. */
  readonly droppedMessages: number;
  /** Items of the kind `message`. */
  readonly messageCount: number;
  readonly usage: ConversationUsage;
  readonly costUsd: number;
  /** A digest of everything that the model had been given when the last turn ended; see `heldDigest`. */
  readonly head: string | undefined;
  /** Grows with each change. */
  readonly revision: number;
}

/** A response that is kept under an id of its own. */
export interface NewResponse {
  readonly id: string;
  /** How many of the items that come with it are those of the answer: its last ones. */
  readonly answerItems: number;
  /** Whether the client named the conversation: it then stays when its last response is deleted. */
  readonly isNamed: boolean;
  /** What its client is given. */
  readonly document: string;
  /** What belongs to it and no client is given. */
  readonly privateDocument?: string;
}

/** A response as a point of its conversation. */
export interface StoredResponse extends Omit<NewResponse, 'answerItems'> {
  readonly conversationId: string;
  /** The position of the first item of the answer. */
  readonly answerPosition: number;
  /** The position after the last item of the answer. */
  readonly endPosition: number;
  /** The position after the last system text that was there. */
  readonly systemPosition: number;
  /** Of the conversation, once the response was stored. */
  readonly revision: number;
}

/** What is changed together, or not at all. */
export interface ConversationChange {
  readonly items?: readonly NewItem[];
  /** Whether the system texts there are make room for those of `items`. */
  readonly replacesSystem?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly model?: string;
  /** `added`: the first of `items` that is not a system text. */
  readonly historyStart?: number | 'added';
  readonly droppedMessages?: number;
  /** Are added to what is there. */
  readonly usage?: ConversationUsage;
  readonly costUsd?: number;
  readonly head?: string;
  /** The response that ends with this change. */
  readonly response?: NewResponse;
  /** Whether `assertRoom` was asked before the model was: the answer is stored even where it goes beyond the size. */
  readonly isAdmitted?: boolean;
}

export interface ChangedConversation {
  readonly record: ConversationRecord;
  /** The items that were added. */
  readonly items: readonly StoredItem[];
}

export interface PageRequest {
  /** The id after which the page begins. */
  readonly after?: string;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

/**
 * Where conversations are kept. Each belongs to a tenant, and is not there for another. Everything rejects with a
 * StorageUnavailableError when the storage cannot be used, and what adds items with a ConversationFullError when the
 * conversation cannot hold them. What has expired is not there, whether it was deleted or not.
 */
export interface ConversationStore {
  create(tenant: string, id: string, change: ConversationChange): Promise<ChangedConversation>;
  get(tenant: string, id: string): Promise<ConversationRecord | undefined>;
  /**
   * Rejects with a ConversationFullError when the conversation, or a new one where none is named, cannot hold the items
   * of a change and of an answer to it.
   */
  assertRoom(
    change: ConversationChange,
    conversation?: { readonly tenant: string; readonly id: string },
  ): Promise<void>;
  /** By the time of their creation. Undefined when `after` is not there. */
  list(tenant: string, page: PageRequest): Promise<Page<ConversationRecord> | undefined>;
  /** Undefined when there is no such conversation. */
  change(tenant: string, id: string, change: ConversationChange): Promise<ChangedConversation | undefined>;
  /** Physically, with everything that nothing else needs. False when there is no such conversation. */
  delete(tenant: string, id: string): Promise<boolean>;
  /** The system texts and everything from a position on, in order. */
  history(tenant: string, id: string, from: number): Promise<StoredItem[]>;
  /** Undefined when `after` is not there. */
  items(tenant: string, id: string, page: PageRequest): Promise<Page<StoredItem> | undefined>;
  item(tenant: string, id: string, itemId: string): Promise<StoredItem | undefined>;
  /** Undefined when there is no such response. */
  response(tenant: string, id: string): Promise<StoredResponse | undefined>;
  /** With its conversation, where that has no other and the client has not named it. False when there is no such response. */
  deleteResponse(tenant: string, id: string): Promise<boolean>;
  /** False when there is no such item. */
  deleteItem(tenant: string, id: string, itemId: string): Promise<boolean>;
}
