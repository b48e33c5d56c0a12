import type { ChatMessage } from './dto/chat-completion-request.ts';
import type { ResultPart } from './dto/message-content.ts';

export type MediaPart = Extract<ResultPart, { type: 'image_url' | 'file' }>;

export interface PlacedPart {
  readonly part: MediaPart;
  /** Of the part, as a path into the body. */
  readonly path: string;
  /** Whether it belongs to the history, results of calls included, and not to what is asked now. */
  readonly isHistory: boolean;
}

/** The images and files of a request by their weight: what is asked now, then the history from its end. */
export function mediaParts(messages: readonly ChatMessage[]): PlacedPart[] {
  const found = messages.flatMap((message, index) => {
    if (message.role !== 'user' && message.role !== 'tool') return [];
    const isHistory = message.role === 'tool' || index < messages.length - 1;
    return partsOf(message.content, `messages[${index}].content`, isHistory);
  });
  return [...found.filter(({ isHistory }) => !isHistory), ...found.filter(({ isHistory }) => isHistory).toReversed()];
}

type Content = Extract<ChatMessage, { role: 'user' | 'tool' }>['content'];

function partsOf(content: Content, path: string, isHistory: boolean): PlacedPart[] {
  if (typeof content === 'string') return [];
  return content.flatMap((part, index) => {
    switch (part.type) {
      case 'image_url':
      case 'file':
        return [{ part, path: `${path}[${index}]`, isHistory }];
      case 'tool_result':
        return partsOf(part.content ?? '', `${path}[${index}].content`, true);
      default:
        return [];
    }
  });
}
