import type { AssistantBlock, ConversationMessage, UserBlock } from '../claude-cli/turn/turn.ts';
import type { ItemKind, NewItem } from './store/conversation-store.ts';

/** Fewer than there are places for, so that some can be added by hand. */
const MAX_SYSTEM_ITEMS = 500;

/** The items that a message is stored as: its blocks in their order, each in one of them. */
export function toItems(message: ConversationMessage, model?: string): NewItem[] {
  const items: { kind: ItemKind; content: (UserBlock | AssistantBlock)[] }[] = [];
  // Thinking belongs to what it led to.
  let thinking: AssistantBlock[] = [];
  for (const block of message.content) {
    if (block.type === 'thinking' || block.type === 'redacted_thinking') {
      thinking.push(block);
      continue;
    }
    const kind = kindOf(block);
    const last = items.at(-1);
    if (kind === 'message' && last?.kind === 'message') last.content.push(...thinking, block);
    else items.push({ kind, content: [...thinking, block] });
    thinking = [];
  }
  items.at(-1)?.content.push(...thinking);
  return items.map((item) => ({ ...item, role: message.role, ...(model !== undefined && { model }) }));
}

/** A system text as an item. */
export function systemItem(text: string): NewItem {
  return systemItemOf([text]);
}

/** System texts as items, one for each as long as a conversation has places for them, and the rest together. */
export function systemItems(texts: readonly string[]): NewItem[] {
  const [single, rest] = [texts.slice(0, MAX_SYSTEM_ITEMS), texts.slice(MAX_SYSTEM_ITEMS)];
  return [...single.map(systemItem), ...(rest.length > 0 ? [systemItemOf(rest)] : [])];
}

function systemItemOf(texts: readonly string[]): NewItem {
  return { kind: 'message', role: 'system', content: texts.map((text) => ({ type: 'text', text })) };
}

function kindOf({ type }: UserBlock | AssistantBlock): ItemKind {
  if (type === 'tool_use') return 'function_call';
  return type === 'tool_result' ? 'function_call_output' : 'message';
}
