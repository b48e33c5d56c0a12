import type { AssistantBlock, ConversationMessage } from '../../claude-cli/turn/turn.ts';

/** The history without thinking, which a model that does not think ignores; the same array if there is none. */
export function withoutThinking(history: readonly ConversationMessage[]): readonly ConversationMessage[] {
  if (!history.some(hasThinking)) return history;
  return history.map((message) =>
    message.role === 'assistant' && hasThinking(message)
      ? { role: 'assistant', content: message.content.filter((block) => !isThinking(block)) }
      : message,
  );
}

export type ThinkingBlock = Extract<AssistantBlock, { type: 'thinking' | 'redacted_thinking' }>;

export function isThinking(block: AssistantBlock): block is ThinkingBlock {
  return block.type === 'thinking' || block.type === 'redacted_thinking';
}

function hasThinking(message: ConversationMessage): boolean {
  return message.role === 'assistant' && message.content.some(isThinking);
}
