import type { ConversationItem } from 'openai/resources/conversations/items';
import type { Message } from 'openai/resources/conversations/conversations';
import { argumentsOf } from '../claude-cli/turn/call-input.ts';
import type { AssistantBlock, UserBlock } from '../claude-cli/turn/turn.ts';
import type { StoredItem } from './store/conversation-store.ts';

type Part = Message['content'][number];
type ToolResult = Extract<UserBlock, { type: 'tool_result' }>;

/** A stored item in OpenAI's shape. Thinking is not shown: it is the model's own, and of no use without its signature. */
export function toItem(item: StoredItem): ConversationItem {
  const { id, role, content } = item;
  for (const block of content) {
    if (block.type === 'tool_use') {
      const { id: callId, name } = block;
      return { id, type: 'function_call', call_id: callId, name, arguments: argumentsOf(block), status: 'completed' };
    }
    if (block.type === 'tool_result') {
      return {
        id,
        type: 'function_call_output',
        call_id: block.tool_use_id,
        output: toOutput(block),
        status: 'completed',
      };
    }
  }
  return {
    id,
    type: 'message',
    role,
    status: 'completed',
    content: content.flatMap((block) => toPart(block, role === 'assistant')),
  };
}

function toPart(block: UserBlock | AssistantBlock, isAnswer: boolean): Part[] {
  switch (block.type) {
    case 'text':
      return [
        isAnswer
          ? { type: 'output_text', text: block.text, annotations: [], logprobs: [] }
          : { type: 'input_text', text: block.text },
      ];
    case 'image':
      return [{ type: 'input_image', image_url: toUrl(block.source), file_id: null, detail: 'auto' }];
    case 'document':
      return [toFile(block)];
    default:
      return [];
  }
}

function toOutput({ content }: ToolResult): string | ToolOutput {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.flatMap((block) => toPart(block as UserBlock, false)) as ToolOutput;
}

type ToolOutput = Exclude<Extract<ConversationItem, { type: 'function_call_output' }>['output'], string>;

function toUrl(source: Extract<UserBlock, { type: 'image' }>['source']): string | null {
  switch (source.type) {
    case 'base64':
      return `data:${source.media_type};base64,${source.data}`;
    case 'url':
      return source.url;
    default:
      return null;
  }
}

function toFile({ source, title }: Extract<UserBlock, { type: 'document' }>): Part {
  const name = typeof title === 'string' ? { filename: title } : {};
  switch (source.type) {
    case 'base64':
      return { type: 'input_file', file_data: `data:${source.media_type};base64,${source.data}`, ...name };
    case 'text':
      return { type: 'input_file', file_data: source.data, ...name };
    case 'url':
      return { type: 'input_file', file_url: source.url, ...name };
    default:
      return { type: 'input_file', ...name };
  }
}
