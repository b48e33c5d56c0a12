import { resultsFirst } from '../claude-cli/turn/results-first.ts';
import type { AssistantBlock, ConversationMessage, UserBlock } from '../claude-cli/turn/turn.ts';
import type { StoredItem } from './store/conversation-store.ts';
import { isSystem } from './store/item-place.ts';

/** A message as the model is given it, and the position of the first item that it is made of. */
export interface PlacedMessage {
  readonly message: ConversationMessage;
  readonly position: number;
}

export interface StoredHistory {
  readonly system: readonly string[];
  /** Roles alternate. Calls without their result stand only at the end. */
  readonly messages: readonly PlacedMessage[];
}

/**
 * The history that items make, equal to the byte to the one they were made of. Where items were deleted or added by
 * hand, what the model could not be given is left out: a call without its result, and a result without its call.
 *
 * @param thinker the model whose thinking is given back; that of any other is left out
 */
export function toHistory(items: readonly StoredItem[], thinker: string | undefined): StoredHistory {
  const system = items.filter(isSystem).flatMap(({ content }) => content.map(textOf));
  const said = items.filter((item) => !isSystem(item));
  const loose = looseItems(said);
  const messages: { message: { role: 'user' | 'assistant'; content: (UserBlock | AssistantBlock)[] }; position: number }[] = []; // prettier-ignore
  for (const item of said) {
    if (loose.has(item)) continue;
    const content = item.role !== 'assistant' || item.model === thinker ? item.content : withoutThinking(item.content);
    if (content.length === 0) continue;
    const last = messages.at(-1);
    const role = item.role === 'assistant' ? 'assistant' : 'user';
    if (last?.message.role === role) for (const block of content) last.message.content.push(block);
    else messages.push({ message: { role, content: [...content] }, position: item.position });
  }
  // A result that was added by hand can stand behind words of the user.
  const placed = messages.map(({ message: { role, content }, position }) => ({
    message: { role, content: resultsFirst(content) },
    position,
  }));
  return { system, messages: placed as PlacedMessage[] };
}

/** Calls that were never answered though the conversation went on, and results without a call before them. */
function looseItems(items: readonly StoredItem[]): Set<StoredItem> {
  const loose = new Set<StoredItem>();
  let open = new Map<string, StoredItem>();
  let before: StoredItem['role'] | undefined;
  for (const item of items) {
    if (item.role === 'assistant' && before !== 'assistant') {
      for (const call of open.values()) loose.add(call);
      open = new Map();
    }
    before = item.role;
    for (const block of item.content) {
      if (block.type === 'tool_use') open.set(block.id, item);
      else if (block.type === 'tool_result' && !open.delete(block.tool_use_id)) loose.add(item);
    }
  }
  return loose;
}

function withoutThinking(content: StoredItem['content']): StoredItem['content'] {
  return content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
}

function textOf(block: UserBlock | AssistantBlock): string {
  return block.type === 'text' ? block.text : '';
}
