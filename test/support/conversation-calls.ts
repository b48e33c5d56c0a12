import assert from 'node:assert/strict';
import type {
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { ConversationObject } from '../../src/conversations/to-conversation.ts';
import { ask, type Gateway } from './gateway.ts';

/** What a conversation answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly conversationId: string;
  readonly content: string;
  readonly calls: ChatCompletionMessageFunctionToolCall[];
  readonly code: string | null | undefined;
}

/** A chat completion, as far as it is looked at. */
export interface Completion {
  readonly conversation_id: string;
  readonly choices: { message: { content: string | null; tool_calls?: ChatCompletionMessageFunctionToolCall[] } }[];
  readonly error?: { code: string | null };
}

/** Says something to a conversation, or to a new one; in a stream, every chunk has to name it. */
export async function say(
  gateway: Gateway,
  content: string | ChatCompletionMessageParam[],
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const messages = typeof content === 'string' ? [{ role: 'user', content }] : content;
  const response = await gateway.post({ ...ask(''), messages, ...more }, { headers });
  const raw = await response.text();
  const header = response.headers.get('x-conversation-id') ?? '';
  const common = { status: response.status, headers: response.headers, conversationId: header };
  if (more['stream'] !== true || response.status !== 200) {
    const body = JSON.parse(raw) as Completion;
    const message = body.choices?.[0]?.message;
    if (response.status === 200) assert.equal(body.conversation_id, header);
    return { ...common, content: message?.content ?? '', calls: message?.tool_calls ?? [], code: body.error?.code };
  }
  const events = raw.split('\n\n').filter((event) => event.startsWith('data: {'));
  const chunks = events.map((event) => JSON.parse(event.slice(6)) as { conversation_id?: string; error?: { code: string }; choices: { delta: { content?: string } }[] }); // prettier-ignore
  for (const chunk of chunks) if (!chunk.error) assert.equal(chunk.conversation_id, header);
  const told = chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? '').join('');
  return { ...common, content: told, calls: [], code: chunks.find((chunk) => chunk.error)?.error?.code };
}

/** How the process of an answer was had. */
export const tierOf = ({ headers }: Answer): string | undefined =>
  /lease;desc="(\w+)"/.exec(headers.get('server-timing') ?? '')?.[1];

/** What the service tells of a conversation. */
export async function retrieve(gateway: Gateway, id: string): Promise<ConversationObject> {
  return (await gateway.client().conversations.retrieve(id)) as ConversationObject;
}

/** Who said what in a conversation; of what is no message, its type. */
export async function texts(gateway: Gateway, id: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const item of gateway.client().conversations.items.list(id, { order: 'asc', limit: 100 })) {
    if (item.type !== 'message') found.push([item.type, '']);
    else found.push([item.role, item.content.map((part) => ('text' in part ? part.text : part.type)).join('|')]);
  }
  return found;
}
