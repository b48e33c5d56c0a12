import type { ChatMessage } from './dto/chat-completion-request.ts';
import type { ResultPart, UserPart } from './dto/message-content.ts';

/** Known fields of messages that have no effect, in words for a header. */
export function messageHints(messages: readonly ChatMessage[]): string[] {
  const hints = new Set<string>();
  for (const message of messages) {
    if ('name' in message && message.role !== 'function' && typeof message.name === 'string')
      hints.add('messages.name');
    if (message.role === 'assistant') {
      if (message.audio) hints.add('messages.audio');
      if (message.annotations?.length) hints.add('messages.annotations');
      if (hasUnsignedThinking(message)) hints.add('messages.content.thinking (without a signature)');
    } else if (message.role === 'user' || message.role === 'tool') {
      if (hasDetail(message.content)) hints.add('messages.content.image_url.detail');
    }
  }
  return [...hints];
}

function hasUnsignedThinking({ content }: Extract<ChatMessage, { role: 'assistant' }>): boolean {
  return Array.isArray(content) && content.some((part) => part.type === 'thinking' && !part.signature);
}

/** Whether a part asks for an image in another detail than the model's own choice. */
function hasDetail(content: string | readonly (UserPart | ResultPart)[] | null | undefined): boolean {
  if (typeof content === 'string') return false;
  return (content ?? []).some((part) =>
    part.type === 'tool_result'
      ? hasDetail(part.content)
      : part.type === 'image_url' && (part.image_url.detail ?? 'auto') !== 'auto',
  );
}
