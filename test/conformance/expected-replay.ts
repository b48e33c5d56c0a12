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
  const system: string[] = [];
  const seen: SeenMessage[] = [];
  const numbers = new CallNumbers();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') {
      const text = texts(message.content).join('\n');
      if (isSaid(text)) system.push(wellFormed(text));
      continue;
    }
    const audio = Array.isArray(message.content) ? (message.content as SentPart[]).findIndex(({ type }) => type === 'input_audio') : -1; // prettier-ignore
    if (audio !== -1 && index === messages.length - 1) return { place: [index, `content[${audio}]`] };
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = seen.at(-1);
    const before = numbers.open;
    const content = blocks(message, index, numbers);
    // An assistant that says nothing leaves no trace; a user's nothing stays a message.
    if (role === 'assistant' && content.length === 0) continue;
    if (role === 'assistant' && last?.role === 'user') last.content.push(...numbers.withoutResult(before));
    if (last?.role === role) last.content.push(...content);
    else seen.push({ role, content });
  }
  const place = numbers.placeOfFirstOpen;
  if (place && seen.at(-1)?.role === 'assistant') return { place };
  seen.at(-1)?.content.push(...numbers.withoutResult(numbers.open));
  for (const message of seen) {
    if (message.content.length === 0) message.content.push({ type: 'text', text: '(no content)' });
    // Results of calls stand before what else the user says, and texts of an answer before its calls.
    const first = message.role === 'user' ? 'result' : 'text';
    message.content.sort((one, other) => Number(one.type !== first) - Number(other.type !== first));
  }
  if (seen[0]?.role === 'assistant') seen.unshift(userSays('(no content)'));
  if (seen.at(-1)?.role !== 'user') seen.push(userSays('Continue.'));
  return { system, messages: seen };
}

/** Numbers calls in their order; a result belongs to the oldest open call of its id, or to the oldest legacy one. */
class CallNumbers {
  private count = 0;
  private calls: { readonly id: string; readonly number: number; readonly place: Refusal['place'] }[] = [];

  get open(): readonly number[] {
    return this.calls.map(({ number }) => number);
  }

  get placeOfFirstOpen(): Refusal['place'] | undefined {
    return this.calls[0]?.place;
  }

  call(id: string, place: Refusal['place']): number {
    this.count += 1;
    this.calls.push({ id, number: this.count, place });
    return this.count;
  }

  answer(id: string): number {
    const found = this.calls.find((candidate) => candidate.id === id);
    this.calls = this.calls.filter((candidate) => candidate !== found);
    return found?.number ?? 0;
  }

  /** The results that the model sees of those of these calls that have none. */
  withoutResult(numbers: readonly number[]): SeenBlock[] {
    const missing = this.calls.filter(({ number }) => numbers.includes(number));
    this.calls = this.calls.filter((candidate) => !missing.includes(candidate));
    return missing.map(({ number }) => ({ type: 'result', number, content: 'No result was given for this call.' }));
  }
}

const LEGACY = 'the legacy form has no ids';

function blocks(message: SentMessage, index: number, numbers: CallNumbers): SeenBlock[] {
  switch (message.role) {
    case 'tool': {
      const id = message.tool_call_id ?? '';
      const number = numbers.answer(id);
      if (number === 0) return looseResult(id, message);
      return [{ type: 'result', number, content: resultContent(message) }];
    }
    case 'function':
      return [{ type: 'result', number: numbers.answer(LEGACY), content: resultContent(message) }];
    case 'assistant': {
      const said = saidTexts([...texts(message.content), message.refusal ?? '']);
      const calls = (message.tool_calls ?? []).map(({ id, function: called }) =>
        call(numbers.call(id, [index, 'tool_calls']), called),
      );
      if (message.function_call) {
        calls.push(call(numbers.call(LEGACY, [index, 'function_call']), message.function_call));
      }
      if (calls.length === 0 && said.every((text) => text.trim() === '(no content)')) return [];
      return [...said.map((text): SeenBlock => ({ type: 'text', text })), ...calls];
    }
    default:
      return saidTexts(texts(message.content)).map((text) => ({ type: 'text', text }));
  }
}

/** A result without its call is told in words. */
function looseResult(id: string, { content }: SentMessage): SeenBlock[] {
  const said = [`Result of the tool call "${id}":`, ...saidTexts(texts(content))];
  return said.map((text) => ({ type: 'text', text: wellFormed(text) }));
}

function call(number: number, { name, arguments: json }: { name: string; arguments: string }): SeenBlock {
  const input: unknown =
    json === '{"city": "Ro'
      ? { INVALID_JSON: json }
      : json === ''
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
  return (content ?? []).map((part) => {
    if (part.type === 'text') return part.text;
    // What cannot be passed on is told in words.
    return part.type === 'refusal' ? part.refusal : `[${part.type}] ${JSON.stringify(part)}`;
  });
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
