import type { AssistantBlock, ConversationMessage, UserBlock } from '../claude-cli/turn/turn.ts';
import { historyWindow } from '../conversations/history-window.ts';
import type { StoredItem } from '../conversations/store/conversation-store.ts';
import { isSystem } from '../conversations/store/item-place.ts';
import { toHistory, type PlacedMessage, type StoredHistory } from '../conversations/to-history.ts';
import { knownMessages } from '../turns/messages/known-messages.ts';
import { arrangeMessages, type ArrangedMessages } from '../turns/messages/arrange-messages.ts';
import type { MessageSource } from '../turns/messages/message-source.ts';

/** A stored conversation as a request finds it. */
export interface HeldConversation {
  /** Its system texts and items: all, or those from `historyStart` on. */
  readonly items: readonly StoredItem[];
  /** The position of the first item that is still sent. */
  readonly historyStart: number;
  /** The number of messages that are no longer sent. */
  readonly droppedMessages: number;
  /** The maximum number of sent messages, including the new ones. */
  readonly maxMessages: number;
}

export interface ContinuedMessages extends ArrangedMessages {
  readonly continuation: Continuation;
}

/** The changes of a turn to the conversation that it continues. */
export interface Continuation {
  /** The new messages, without the answer. */
  readonly added: readonly ConversationMessage[];
  /** The system texts, if they have changed. */
  readonly system: readonly string[] | undefined;
  /** The position of the first message to send; `added`: of the first new one. */
  readonly historyStart: number | 'added';
  /** The total number of messages that are not sent. */
  readonly droppedMessages: number;
}

/**
 * Appends the messages of a request to those of a conversation. The request's system texts, if any, replace the stored
 * ones.
 *
 * @param thinker the model whose thinking is returned to it
 */
export function continueConversation(
  source: MessageSource,
  held: HeldConversation,
  thinker: string | undefined,
): ContinuedMessages {
  const history = toHistory(held.items, thinker);
  const sent = sentMessages(held, history, thinker);
  const known = knownMessages(source, history.messages.map(({ message }) => message)); // prettier-ignore
  const mapped = arrangeMessages(source, { held: sent.map(({ message }) => message), known });
  const all = [...mapped.history, mapped.message];
  // If the stored messages begin with an answer, the mapping puts an unstored message before it.
  const offset = sent[0]?.message.role === 'assistant' ? 1 : 0;
  const window = historyWindow(sent, all.length - offset - sent.length, held.maxMessages);
  const system = mapped.system.length > 0 ? mapped.system : history.system;
  const isSameSystem = JSON.stringify(system) === JSON.stringify(history.system);
  const first = window.messages[0]?.position;
  return {
    system,
    history: window.dropped === 0 ? mapped.history : mapped.history.slice(offset + window.dropped),
    message: mapped.message,
    continuation: {
      added: addedTo(sent.map(({ message }) => message), all.slice(offset)), // prettier-ignore
      system: isSameSystem ? undefined : system,
      historyStart: window.dropped === 0 ? held.historyStart : (first ?? 'added'),
      droppedMessages: held.droppedMessages + window.dropped,
    },
  };
}

/**
 * The messages that are still sent. They are mapped without the dropped items, which would otherwise join the first
 * message.
 */
function sentMessages(
  { items, historyStart }: HeldConversation,
  whole: StoredHistory,
  thinker: string | undefined,
): readonly PlacedMessage[] {
  const isSent = (item: StoredItem): boolean => isSystem(item) || item.position >= historyStart;
  return items.every(isSent) ? whole.messages : toHistory(items.filter(isSent), thinker).messages;
}

/** The messages after the held ones; the last held one may have grown. */
function addedTo(held: readonly ConversationMessage[], all: readonly ConversationMessage[]): ConversationMessage[] {
  const last = held.at(-1);
  const grown = last && all[held.length - 1];
  // Tool results come before the held blocks.
  const known = new Set<UserBlock | AssistantBlock>(last?.content);
  const rest = grown ? [...grown.content].filter((block) => !known.has(block)) : [];
  const added = all.slice(held.length);
  return grown && rest.length > 0 ? [{ role: grown.role, content: rest } as ConversationMessage, ...added] : added;
}
