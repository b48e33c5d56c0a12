import type { ConversationMessage } from '../claude-cli/turn/turn.ts';
import type { PlacedMessage } from './to-history.ts';

export interface HistoryWindow {
  /** What is sent of the stored messages. */
  readonly messages: readonly PlacedMessage[];
  /** How many are left out. */
  readonly dropped: number;
}

/**
 * What is sent of a stored history so that no more than `limit` messages are sent together with the new ones: all of it,
 * or, when there are more, so much that half of the limit is kept. It then grows up to the limit again, so that its
 * beginning, and with it what is cached and held of it, changes rarely. It begins with a message of the user's own:
 * turns are dropped whole, and never the results of calls without these. The newest turn stays, however long it is.
 *
 * @param added how many messages come to it
 */
export function historyWindow(messages: readonly PlacedMessage[], added: number, limit: number): HistoryWindow {
  const total = messages.length + added;
  if (total <= limit) return { messages, dropped: 0 };
  const beginnings = messages.flatMap(({ message }, index) => (beginsTurn(message) ? [index] : []));
  const target = Math.floor(limit / 2);
  const fitting = beginnings.find((index) => total - index <= target);
  const start = fitting ?? beginnings.at(-1) ?? 0;
  return { messages: messages.slice(start), dropped: start };
}

function beginsTurn({ role, content }: ConversationMessage): boolean {
  return role === 'user' && !content.some(({ type }) => type === 'tool_result');
}
