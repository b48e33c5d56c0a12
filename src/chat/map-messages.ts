import type { AssistantBlock, ConversationMessage, UserBlock, UserMessage } from '../claude-cli/turn.ts';
import { unsupported } from '../common/errors/gateway-error.ts';
import type { ChatMessage, UserPart } from './dto/chat-completion-request.ts';
import type { ResolvedMedia } from './resolve-media.ts';
import { ToolCallLedger } from './tool-call-ledger.ts';

/** The messages of a request in the form that the CLI takes. */
export interface MappedMessages {
  readonly system: readonly string[];
  readonly history: readonly ConversationMessage[];
  readonly message: UserMessage;
}

/** What the CLI itself sends for a user message without content, and drops where an assistant says it. */
const NO_CONTENT = '(no content)';
/** Asks for an answer where the client's last message is not the user's. */
const CONTINUE = 'Continue.';

export type Draft = { role: 'user'; content: UserBlock[] } | { role: 'assistant'; content: AssistantBlock[] };

/** A conversation that a request goes on with. */
export interface ContinuedConversation {
  /** What it holds, in alternating roles. */
  readonly held: readonly ConversationMessage[];
  /** How many of the request's messages are held already, from its first. */
  readonly known: number;
}

const NOTHING: ContinuedConversation = { held: [], known: 0 };

/**
 * Maps OpenAI's messages, in any order a client may send, to a system text, a history whose roles alternate strictly,
 * and the user message to answer. The rules stand in docs/compatibility.md. Throws a GatewayError of status 400 for tool
 * calls and results that do not belong together.
 */
export function mapMessages(
  messages: readonly ChatMessage[],
  media: ResolvedMedia,
  { held, known } = NOTHING,
): MappedMessages {
  const system: string[] = [];
  const drafts = held.map((message) => ({ ...message, content: [...message.content] }) as Draft);
  const calls = new ToolCallLedger(held);
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') {
      const text = textOf(message.content);
      if (!isBlank(text)) system.push(text);
      continue;
    }
    if (index < known) continue;
    if (message.role !== 'tool' && message.role !== 'function') calls.assertAnswered();
    add(drafts, toDraft(message, index, calls, media));
  }
  calls.assertAnswered();
  return { system, ...split(drafts) };
}

/** A message by itself. Notes its calls and results. */
export function toDraft(
  message: Exclude<ChatMessage, { role: 'system' | 'developer' }>,
  index: number,
  calls: ToolCallLedger,
  media: ResolvedMedia,
): Draft {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: joinBlanks(userBlocks(message.content, index, media)) };
    case 'assistant':
      if (message.audio) throw unsupported('Audio answers are not supported.', `messages[${index}].audio`);
      return { role: 'assistant', content: assistantBlocks(message, calls.open(message, index)) };
    case 'tool':
      return { role: 'user', content: [toolResult(calls.answer(message.tool_call_id, index), message.content)] };
    case 'function':
      return { role: 'user', content: [toolResult(calls.answerLegacy(message.name, index), message.content ?? '')] };
  }
}

function toolResult(id: string, content: string | readonly { text: string }[]): UserBlock {
  const blocks = typeof content === 'string' ? content : joinBlanks(content.flatMap(({ text }) => textBlocks(text)));
  return { type: 'tool_result', tool_use_id: id, ...(blocks.length > 0 && { content: blocks }) };
}

function userBlocks(content: string | readonly UserPart[], index: number, media: ResolvedMedia): UserBlock[] {
  if (typeof content === 'string') return textBlocks(content);
  return content.flatMap((part, partIndex): UserBlock[] | UserBlock => {
    switch (part.type) {
      case 'text':
        return textBlocks(part.text);
      case 'image_url':
      case 'file':
        return mediaBlock(part, media);
      case 'input_audio':
        throw unsupported('Audio is not supported.', `messages[${index}].content[${partIndex}]`);
    }
  });
}

function mediaBlock(part: UserPart, media: ResolvedMedia): UserBlock {
  const block = media.get(part);
  if (!block) throw new Error(`a part of type ${part.type} was not resolved`);
  return block;
}

function assistantBlocks(
  { content, refusal }: Extract<ChatMessage, { role: 'assistant' }>,
  calls: readonly AssistantBlock[],
): AssistantBlock[] {
  const parts = typeof content === 'string' ? [content] : (content ?? []).map(textOfPart);
  const texts = joinBlanks([...parts, refusal ?? ''].flatMap(textBlocks));
  const isNothing = calls.length === 0 && texts.every(({ text }) => text.trim() === NO_CONTENT);
  return isNothing ? [] : [...texts, ...calls];
}

function textOfPart(part: { type: 'text'; text: string } | { type: 'refusal'; refusal: string }): string {
  return part.type === 'text' ? part.text : part.refusal;
}

function textBlocks(text: string): { type: 'text'; text: string }[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function textOf(content: string | readonly { text: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}

/**
 * The blocks without one of white space only, which the Messages API refuses and the CLI drops: it joins the text before
 * it, or else the one after it. Without any other text it says nothing.
 */
function joinBlanks<Block extends UserBlock | AssistantBlock>(blocks: readonly Block[]): Block[] {
  const joined: Block[] = [];
  let leading = '';
  for (const block of blocks) {
    if (block.type !== 'text') {
      joined.push(block);
    } else if (!isBlank(block.text)) {
      joined.push(leading === '' ? block : { ...block, text: leading + block.text });
      leading = '';
    } else {
      const position = joined.findLastIndex(({ type }) => type === 'text');
      const before = joined[position];
      if (before?.type === 'text') joined[position] = { ...before, text: before.text + block.text };
      else leading += block.text;
    }
  }
  return joined;
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Adds a message; one of the same role as the last continues it, an assistant's without content says nothing. */
function add(drafts: Draft[], draft: Draft): void {
  const last = drafts.at(-1);
  // One by one: a call takes only so many arguments.
  if (last?.role === 'user' && draft.role === 'user') for (const block of draft.content) last.content.push(block);
  else if (last?.role === 'assistant' && draft.role === 'assistant')
    for (const block of draft.content) last.content.push(block);
  else if (draft.role === 'user' || draft.content.length > 0) drafts.push(draft);
}

function split(drafts: readonly Draft[]): { history: ConversationMessage[]; message: UserMessage } {
  const messages = drafts.map((draft): ConversationMessage => {
    if (draft.role === 'assistant') return draft;
    return draft.content.length > 0 ? draft : userText(NO_CONTENT);
  });
  // The CLI cannot take a conversation back that begins with an answer.
  if (messages[0]?.role === 'assistant') messages.unshift(userText(NO_CONTENT));
  const last = messages.at(-1);
  if (last?.role !== 'user') return { history: messages, message: userText(CONTINUE) };
  return { history: messages.slice(0, -1), message: last };
}

function userText(text: string): UserMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}
