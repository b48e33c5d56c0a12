import { hash } from 'node:crypto';
import { canonicalJson } from '../turn/canonical-json.ts';
import type { AssistantBlock, ConversationMessage, UserBlock } from '../turn/turn.ts';

/**
 * A digest that is equal only for messages that mean the same to the model: all blocks of a user message in order; the text
 * and the tool calls of an assistant message, since a client receives and returns only these. The order of object keys does
 * not matter.
 */
export function messageDigest(message: ConversationMessage): string {
  const canonical =
    message.role === 'user' ? ['user', message.content.map(lighten)] : ['assistant', ...spoken(message.content)];
  return hash('sha256', canonicalJson(canonical), 'base64');
}

/** A digest of a whole conversation, from the digests of its messages. */
export function heldDigest(digests: readonly string[]): string {
  return hash('sha256', digests.join(' '), 'base64');
}

/** The number of messages that two histories share from their beginning. */
export function sharedPrefixLength(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) if (left[index] !== right[index]) return index;
  return length;
}

type Source = Extract<UserBlock, { type: 'image' | 'document' }>['source'];

const dataDigests = new WeakMap<Source, string>();

/** Longer texts are hashed directly: writing them as JSON takes longer than the hash. */
const LARGE_CHARACTERS = 4096;

/** The block with a digest instead of its large text or data. */
function lighten(block: UserBlock): object {
  if (block.type === 'text' && isLarge(block.text)) {
    // Without the `text` key, so that no text can equal the digest of another one.
    const { text, ...rest } = block;
    return { ...rest, digest: digestOf(text) };
  }
  return withoutData(block);
}

function isLarge(text: string): boolean {
  return text.length >= LARGE_CHARACTERS;
}

function digestOf(text: string): string {
  // UTF-8 cannot encode half of a surrogate pair.
  if (!text.isWellFormed()) return `utf16 ${hash('sha256', Buffer.from(text, 'utf16le'), 'base64')}`;
  return hash('sha256', text, 'base64');
}

/** The block with a digest instead of its data; computed once per source. */
function withoutData(block: UserBlock): object {
  if (block.type !== 'image' && block.type !== 'document') return block;
  const { source } = block;
  if (source.type !== 'base64' && source.type !== 'text') return block;
  let digest = dataDigests.get(source);
  if (digest === undefined) {
    digest = digestOf(source.data);
    dataDigests.set(source, digest);
  }
  // Without the `data` key, so that no data can equal the digest of other data.
  const { data: _data, ...rest } = source;
  return { ...block, source: { ...rest, digest } };
}

function spoken(content: readonly AssistantBlock[]): unknown[] {
  let text = '';
  const calls: unknown[] = [];
  for (const block of content) {
    if (block.type === 'text') text += block.text;
    else if (block.type === 'tool_use') calls.push([block.id, block.name, block.input]);
  }
  return [isLarge(text) ? { digest: digestOf(text) } : text, calls];
}
