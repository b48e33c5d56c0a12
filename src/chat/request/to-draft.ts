import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import { unsupported } from '../../common/errors/gateway-error.ts';
import type { AssistantMessage, ChatMessage } from './dto/chat-completion-request.ts';
import type { ResultPart, UserPart } from './dto/message-content.ts';
import { isNothing, withoutLastThinking } from '../../turns/messages/assistant-content.ts';
import { joinBlanks, textBlocks } from '../../turns/messages/message-texts.ts';
import type { MediaPart } from './media-parts.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import type { Draft } from '../../turns/messages/message-source.ts';
import type { ToolCallLedger } from '../../turns/messages/tool-call-ledger.ts';
import { toolResult } from '../../turns/messages/tool-result.ts';

type SpokenMessage = Exclude<ChatMessage, { role: 'system' | 'developer' }>;

/** A result of a call as the client gives it. */
interface GivenResult {
  /** The model's id of the call; undefined for a result whose call is not there, or has a result already. */
  readonly modelId: string | undefined;
  /** How the client names the call. */
  readonly label: string;
  readonly content: string | readonly ResultPart[];
  readonly isError: boolean;
}

/** A message by itself. Notes its calls and results. */
export function toDraft(message: SpokenMessage, index: number, calls: ToolCallLedger, media: ResolvedMedia): Draft {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: userBlocks(message.content, index, calls, media) };
    case 'assistant':
      return { role: 'assistant', content: assistantBlocks(message, index, calls) };
    case 'tool': {
      const { tool_call_id: id, content, is_error: isError } = message;
      const result = { modelId: calls.answer(id), label: id, content, isError: isError === true };
      return { role: 'user', content: resultBlocks(result, media) };
    }
    case 'function': {
      const { name, content } = message;
      const result = { modelId: calls.answerLegacy(name), label: name, content: content ?? '', isError: false };
      return { role: 'user', content: resultBlocks(result, media) };
    }
  }
}

function userBlocks(
  content: string | readonly UserPart[],
  index: number,
  calls: ToolCallLedger,
  media: ResolvedMedia,
): UserBlock[] {
  if (typeof content === 'string') return joinBlanks(textBlocks(content));
  const blocks = content.flatMap((part, partIndex): UserBlock[] => {
    switch (part.type) {
      case 'text':
        return textBlocks(part.text);
      case 'image_url':
      case 'file':
        return [mediaBlock(part, media)];
      case 'tool_result': {
        const { tool_use_id: id, content: given, is_error: isError } = part;
        const result = { modelId: calls.answer(id), label: id, content: given ?? '', isError: isError === true };
        return resultBlocks(result, media);
      }
      case 'input_audio':
        throw unsupported('Audio is not supported.', `messages[${index}].content[${partIndex}]`);
    }
  });
  return joinBlanks(blocks);
}

function resultBlocks({ content, ...result }: GivenResult, media: ResolvedMedia): UserBlock[] {
  return toolResult({ ...result, content: typeof content === 'string' ? content : contentBlocks(content, media) });
}

function contentBlocks(parts: readonly ResultPart[], media: ResolvedMedia): UserBlock[] {
  return joinBlanks(
    parts.flatMap((part): UserBlock[] => (part.type === 'text' ? textBlocks(part.text) : [mediaBlock(part, media)])),
  );
}

function mediaBlock(part: MediaPart, media: ResolvedMedia): UserBlock {
  const block = media.get(part);
  if (!block) throw new Error(`a part of type ${part.type} was not resolved`);
  return block;
}

function assistantBlocks(message: AssistantMessage, index: number, calls: ToolCallLedger): AssistantBlock[] {
  const { content, refusal } = message;
  const path = `messages[${index}]`;
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? []);
  const calledIds = new Set<string>();
  const blocks = parts.flatMap((part, partIndex): AssistantBlock[] => {
    switch (part.type) {
      case 'text':
        return textBlocks(part.text);
      case 'refusal':
        return textBlocks(part.refusal);
      case 'thinking':
        // Without its signature the Messages API does not take it.
        return part.signature ? [{ type: 'thinking', thinking: part.thinking, signature: part.signature }] : [];
      case 'redacted_thinking':
        return [{ type: 'redacted_thinking', data: part.data }];
      case 'tool_use': {
        calledIds.add(part.id);
        const place = { message: index, path: `${path}.content[${partIndex}]` };
        const json = typeof part.input === 'string' ? part.input : JSON.stringify(part.input ?? {});
        return [calls.add({ clientId: part.id, name: part.name, json, isLegacy: false, place })];
      }
    }
  });
  const called = (message.tool_calls ?? [])
    // Some clients tell a call in both forms.
    .filter(({ id }) => id === '' || !calledIds.has(id))
    .map(({ id, function: { name, arguments: json } }) =>
      calls.add({ clientId: id, name, json, isLegacy: false, place: { message: index, path: `${path}.tool_calls` } }),
    );
  const said = withoutLastThinking([...joinBlanks([...blocks, ...textBlocks(refusal ?? '')]), ...called]);
  if (!message.function_call) return isNothing(said) ? [] : said;
  const { name, arguments: json } = message.function_call;
  const place = { message: index, path: `${path}.function_call` };
  return [...said, calls.add({ clientId: `call_${index}`, name, json, isLegacy: true, place })];
}
