import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import { toInvalidRequest, unsupportedValue } from '../../common/body/problem-words.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import { isNothing, withoutLastThinking } from '../../turns/messages/assistant-content.ts';
import type { Draft } from '../../turns/messages/message-source.ts';
import { joinBlanks, textBlocks } from '../../turns/messages/message-texts.ts';
import { toolResult } from '../../turns/messages/tool-result.ts';
import type { ToolCallLedger } from '../../turns/messages/tool-call-ledger.ts';
import { toFunctionName } from '../../turns/tools/function-name.ts';
import {
  isOther,
  typeOfOther,
  type AssistantContentBlock,
  type DocumentBlock,
  type ImageBlock,
  type OtherBlock,
  type ResultBlock,
  type SearchResultBlock,
  type UserContentBlock,
} from './dto/content-blocks.ts';
import type { AnthropicMessage } from './dto/messages-request.ts';

type SpokenMessage = Exclude<AnthropicMessage, { role: 'system' }>;

/** Where a message stands. */
interface Place {
  readonly index: number;
  /** Whether it is what is asked now: only there a block is refused that cannot be passed on. */
  readonly isLast: boolean;
}

const USER_TYPES = ['text', 'image', 'document', 'search_result', 'tool_result'];
const ASSISTANT_TYPES = ['text', 'thinking', 'redacted_thinking', 'tool_use'];

/** A message by itself. Notes its calls and results. Throws a GatewayError of status 400. */
export function toDraft(message: SpokenMessage, place: Place, calls: ToolCallLedger, media: ResolvedMedia): Draft {
  const path = `messages[${place.index}].content`;
  if (message.role === 'assistant') {
    return { role: 'assistant', content: assistantBlocks(message.content, path, place, calls) };
  }
  const { content } = message;
  if (typeof content === 'string') return { role: 'user', content: joinBlanks(textBlocks(content)) };
  const blocks = content.flatMap((block, index) => userBlock(block, `${path}[${index}]`, { place, calls, media }));
  return { role: 'user', content: joinBlanks(blocks) };
}

interface Surroundings {
  readonly place: Place;
  readonly calls: ToolCallLedger;
  readonly media: ResolvedMedia;
}

function userBlock(block: UserContentBlock, path: string, { place, calls, media }: Surroundings): UserBlock[] {
  if (isOther(block)) return place.isLast ? refuse(block, path, USER_TYPES) : inWords(block);
  if (block.type !== 'tool_result') return contentBlock(block, media);
  const { tool_use_id: id, content, is_error: isError } = block;
  return toolResult({
    modelId: calls.answer(id),
    label: id,
    content: typeof content === 'string' ? content : resultBlocks(content ?? [], media),
    isError: isError === true,
  });
}

function resultBlocks(content: readonly ResultBlock[], media: ResolvedMedia): UserBlock[] {
  return joinBlanks(
    content.flatMap((block): UserBlock[] => (isOther(block) ? inWords(block) : contentBlock(block, media))),
  );
}

function contentBlock(block: Exclude<ResultBlock, OtherBlock>, media: ResolvedMedia): UserBlock[] {
  switch (block.type) {
    case 'text':
      return textBlocks(block.text);
    case 'image':
      return [resolved(block, media)];
    case 'document':
      return documentBlocks(block, media);
    case 'search_result':
      return textBlocks(searchResultText(block));
  }
}

function documentBlocks(block: DocumentBlock, media: ResolvedMedia): UserBlock[] {
  const { source, title, context } = block;
  const labels = { ...(title && { title }), ...(context && { context }) };
  switch (source.type) {
    case 'text': {
      const { data } = source;
      if (data.trim() === '') return [];
      return [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...labels }];
    }
    case 'content': {
      const given =
        typeof source.content === 'string' ? [{ type: 'text' as const, text: source.content }] : source.content;
      return [...textBlocks([title, context].filter(Boolean).join('\n')), ...resultBlocks(given, media)];
    }
    default: {
      const found = resolved(block, media);
      return [found.type === 'document' && context ? { ...found, context } : found];
    }
  }
}

function searchResultText({ title, source, content }: SearchResultBlock): string {
  return [title, source, ...content.map(({ text }) => text)].filter((line) => line !== '').join('\n');
}

function resolved(block: ImageBlock | DocumentBlock, media: ResolvedMedia): UserBlock {
  const found = media.get(block);
  if (!found) throw new Error(`a block of type ${block.type} was not resolved`);
  return found;
}

function assistantBlocks(
  content: string | readonly AssistantContentBlock[],
  path: string,
  { index: message, isLast }: Place,
  calls: ToolCallLedger,
): AssistantBlock[] {
  const given = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  const blocks = given.flatMap((block, index): AssistantBlock[] => {
    const place = `${path}[${index}]`;
    if (isOther(block)) return isLast ? refuse(block, place, ASSISTANT_TYPES) : inWords(block);
    switch (block.type) {
      case 'text':
        return textBlocks(block.text);
      case 'thinking':
        // Without its signature the Messages API does not take it.
        return block.signature ? [{ type: 'thinking', thinking: block.thinking, signature: block.signature }] : [];
      case 'redacted_thinking':
        return [{ type: 'redacted_thinking', data: block.data }];
      case 'tool_use': {
        const { id, name, input } = block;
        const json = typeof input === 'string' ? input : JSON.stringify(input ?? {});
        const call = { clientId: id, name: toFunctionName(name), json, isLegacy: false };
        return [calls.add({ ...call, place: { message, path: place } })];
      }
    }
  });
  const said = withoutLastThinking(joinBlanks(blocks));
  return isNothing(said) ? [] : said;
}

function refuse(block: OtherBlock, path: string, supported: readonly string[]): never {
  throw toInvalidRequest(unsupportedValue(`${path}.type`, typeOfOther(block), supported));
}

/** Longer texts in what is told in words are data that the model could not read. */
const MAX_TEXT = 1_000;

/** A block of the history that cannot be passed on, as a text that says what it was. */
function inWords(block: OtherBlock): { type: 'text'; text: string }[] {
  const json = JSON.stringify(block, (_key, member: unknown) =>
    typeof member === 'string' && member.length > MAX_TEXT ? `${member.slice(0, MAX_TEXT)}…` : member,
  );
  return textBlocks(`[${typeOfOther(block).slice(0, MAX_TEXT)}] ${json}`);
}
