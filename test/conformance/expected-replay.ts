import type { SentMessage, SentPart } from './conversations.ts';

/** What the model sees, without marks for its cache; calls are numbered in their order instead of having ids. */
export type SeenBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly number: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'result'; readonly number: number; readonly content: string | readonly string[] | undefined };

export interface SeenMessage {
  readonly role: 'user' | 'assistant';
  readonly content: SeenBlock[];
}

export interface Replay {
  readonly system: string[];
  readonly messages: SeenMessage[];
}

export interface Refusal {
  /** The field that has to be named: the position of its message, and the path in it. */
  readonly place: readonly [message: number, path: string];
}

/**
 * What the table of docs/compatibility.md says that the model sees of a conversation; a second reading of the table, not
 * of the code that fulfils it.
 */
export function expectedReplay(messages: readonly SentMessage[]): Replay | Refusal {
  const refusal = expectedRefusal(messages);
  if (refusal) return refusal;
  const system: string[] = [];
  const seen: SeenMessage[] = [];
  const numbers = new CallNumbers();
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') {
      const text = texts(message.content).join('\n');
      if (isSaid(text)) system.push(wellFormed(text));
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = blocks(message, numbers);
    const last = seen.at(-1);
    // An assistant that says nothing leaves no trace; a user's nothing stays a message.
    if (role === 'assistant' && content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else seen.push({ role, content });
  }
  for (const { content } of seen) if (content.length === 0) content.push({ type: 'text', text: '(no content)' });
  if (seen[0]?.role === 'assistant') seen.unshift(userSays('(no content)'));
  if (seen.at(-1)?.role !== 'user') seen.push(userSays('Continue.'));
  return { system, messages: seen };
}

/** The first place at which the conversation holds what is refused. */
function expectedRefusal(messages: readonly SentMessage[]): Refusal | undefined {
  let open: { ids: Set<string>; index: number } | undefined;
  for (const [index, { role, content, tool_calls: calls, tool_call_id: id }] of messages.entries()) {
    if (role === 'tool') open?.ids.delete(id ?? '');
    else if (role !== 'system' && role !== 'developer' && open && open.ids.size > 0) break;
    const audio = Array.isArray(content) ? (content as SentPart[]).findIndex(({ type }) => type === 'input_audio') : -1;
    if (audio !== -1) return { place: [index, `content[${audio}]`] };
    if (calls) open = { ids: new Set(calls.map((call) => call.id)), index };
  }
  return open && open.ids.size > 0 ? { place: [open.index, 'tool_calls'] } : undefined;
}

/** Numbers calls in their order; a result belongs to the newest call of its id, or to the newest legacy one. */
class CallNumbers {
  private count = 0;
  private readonly byId = new Map<string, number>();

  open(id: string): number {
    this.count += 1;
    this.byId.set(id, this.count);
    return this.count;
  }

  of(id: string): number {
    return this.byId.get(id) ?? 0;
  }
}

const LEGACY = 'the legacy form has no ids';

function blocks(message: SentMessage, numbers: CallNumbers): SeenBlock[] {
  switch (message.role) {
    case 'tool':
      return [{ type: 'result', number: numbers.of(message.tool_call_id ?? ''), content: resultContent(message) }];
    case 'function':
      return [{ type: 'result', number: numbers.of(LEGACY), content: resultContent(message) }];
    case 'assistant': {
      const said = saidTexts([...texts(message.content), message.refusal ?? '']);
      const calls = (message.tool_calls ?? []).map(({ id, function: called }) => call(numbers.open(id), called));
      if (message.function_call) calls.push(call(numbers.open(LEGACY), message.function_call));
      if (calls.length === 0 && said.every((text) => text.trim() === '(no content)')) return [];
      return [...said.map((text): SeenBlock => ({ type: 'text', text })), ...calls];
    }
    default:
      return saidTexts(texts(message.content)).map((text) => ({ type: 'text', text }));
  }
}

function call(number: number, { name, arguments: json }: { name: string; arguments: string }): SeenBlock {
  const input: unknown =
    json === ''
      ? {}
      : JSON.parse(json, (_key, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value));
  return { type: 'call', number, name, input };
}

function resultContent({ content }: SentMessage): string | string[] | undefined {
  if (typeof content === 'string') return content === '' ? undefined : wellFormed(content);
  const said = saidTexts(texts(content));
  return said.length === 0 ? undefined : said;
}

function texts(content: SentMessage['content']): string[] {
  if (typeof content === 'string') return [content];
  return (content ?? []).map((part) =>
    part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : '',
  );
}

/** The texts of a message without those that say nothing: white space alone belongs to the text before it, or else after. */
function saidTexts(parts: readonly string[]): string[] {
  const said: string[] = [];
  let waiting = '';
  for (const part of parts) {
    if (isSaid(part)) {
      said.push(waiting + part);
      waiting = '';
    } else if (said.length > 0) said[said.length - 1] += part;
    else waiting += part;
  }
  return said.map(wellFormed);
}

function isSaid(text: string): boolean {
  return /\S/.test(text);
}

/** Half a surrogate pair is U+FFFD. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

function userSays(text: string): SeenMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}
