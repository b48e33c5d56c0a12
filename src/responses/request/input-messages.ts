import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import { isNothing, withoutLastThinking } from '../../turns/messages/assistant-content.ts';
import type { UnansweredCallsError } from '../../turns/messages/arrange-messages.ts';
import type { Draft, MessageSource } from '../../turns/messages/message-source.ts';
import { isBlank, joinBlanks, textBlocks } from '../../turns/messages/message-texts.ts';
import type { ToolCallLedger } from '../../turns/messages/tool-call-ledger.ts';
import { toolResult } from '../../turns/messages/tool-result.ts';
import type { InputPart, ItemOf, MediaPart } from './input-item.ts';
import { isMedia } from './media-parts.ts';
import { customArguments, modelToolName } from './offered-tools.ts';
import type { PlacedItem } from './place-items.ts';

type Role = 'system' | 'user' | 'assistant';

/** Items that are one message: what the assistant said at once, or one item of another role. */
interface Group {
  readonly role: Role;
  readonly items: PlacedItem[];
}

/** The items of a request as the messages of a turn. Throws a GatewayError of status 400. */
export function inputMessages(items: readonly PlacedItem[], media: ResolvedMedia<MediaPart>): MessageSource {
  const groups: Group[] = [];
  for (const item of items) {
    const role = roleOf(item);
    const last = groups.at(-1);
    if (role === 'assistant' && last?.role === 'assistant') last.items.push(item);
    else groups.push({ role, items: [item] });
  }
  return {
    length: groups.length,
    system: groups.flatMap((group) => (group.role === 'system' ? group.items.flatMap(systemText) : [])),
    draft: (index, calls) => {
      const group = groups[index];
      return group && toDraft(group, index, calls, media);
    },
  };
}

/** Whether any item says what was answered before. */
export function isRetold(items: readonly PlacedItem[]): boolean {
  return items.some((item) => roleOf(item) === 'assistant');
}

/** Calls without a result at the end of the input, in OpenAI's words. */
export function unansweredCalls({ calls }: UnansweredCallsError): GatewayError {
  const [first] = calls;
  const id = first ? first.clientId || first.modelId : '';
  return invalidRequest(`No tool output found for function call ${id.slice(0, 100)}.`, first?.place?.path ?? 'input');
}

function roleOf({ item }: PlacedItem): Role {
  switch (item.type) {
    case 'message':
      return item.role === 'developer' ? 'system' : item.role;
    case 'words':
      return item.role;
    case 'function_call':
    case 'custom_tool_call':
    case 'thinking':
      return 'assistant';
    case 'function_call_output':
    case 'custom_tool_call_output':
      return 'user';
  }
}

function systemText({ item, path }: PlacedItem): string[] {
  if (item.type !== 'message') return [];
  const text = typeof item.content === 'string' ? item.content : partTexts(item, path).join('\n');
  return isBlank(text) ? [] : [text];
}

function toDraft(
  group: Group,
  index: number,
  calls: ToolCallLedger,
  media: ResolvedMedia<MediaPart>,
): Draft | undefined {
  switch (group.role) {
    case 'system':
      return undefined;
    case 'user':
      return { role: 'user', content: group.items.flatMap((item) => userBlocks(item, calls, media)) };
    case 'assistant': {
      const blocks = joinBlanks(group.items.flatMap((item) => assistantBlocks(item, index, calls)));
      const said = withoutLastThinking(blocks);
      return { role: 'assistant', content: isNothing(said) ? [] : said };
    }
  }
}

function userBlocks({ item }: PlacedItem, calls: ToolCallLedger, media: ResolvedMedia<MediaPart>): UserBlock[] {
  switch (item.type) {
    case 'message':
      return contentBlocks(item.content, media);
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { call_id: id, output } = item;
      const content = typeof output === 'string' ? output : contentBlocks(output, media);
      return toolResult({ modelId: calls.answer(id), label: id, content, isError: false });
    }
    case 'words':
      return textBlocks(item.text);
    default:
      return [];
  }
}

function contentBlocks(content: string | readonly InputPart[], media: ResolvedMedia<MediaPart>): UserBlock[] {
  if (typeof content === 'string') return joinBlanks<UserBlock>(textBlocks(content));
  return joinBlanks(
    content.flatMap((part): UserBlock[] => {
      if (!isMedia(part)) return textBlocks(textOf(part));
      const block = media.get(part);
      if (!block) throw new Error(`a part of type ${part.type} was not resolved`);
      return [block];
    }),
  );
}

function assistantBlocks({ item, path }: PlacedItem, index: number, calls: ToolCallLedger): AssistantBlock[] {
  switch (item.type) {
    case 'message':
      if (typeof item.content === 'string') return textBlocks(item.content);
      return partTexts(item, path).flatMap(textBlocks);
    case 'words':
      return textBlocks(item.text);
    case 'thinking':
      return [item.block];
    case 'function_call':
    case 'custom_tool_call': {
      const json = item.type === 'function_call' ? item.arguments : customArguments(item.input);
      const name = modelToolName(item.name, item.namespace);
      return [calls.add({ clientId: item.call_id, name, json, isLegacy: false, place: { message: index, path } })];
    }
    default:
      return [];
  }
}

/** Throws a GatewayError of status 400 for an image or file. */
function partTexts({ content, role }: ItemOf<'message'>, path: string): string[] {
  if (typeof content === 'string') return [content];
  return content.map((part, index) => {
    if (!isMedia(part)) return textOf(part);
    const param = `${path}.content[${index}]`;
    throw invalidRequest(
      `Invalid '${param}': a message of the role '${role}' holds text only.`,
      param,
      'invalid_value',
    );
  });
}

function textOf(part: Exclude<InputPart, MediaPart>): string {
  return part.type === 'refusal' ? part.refusal : part.text;
}
