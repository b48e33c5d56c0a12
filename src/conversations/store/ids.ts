import { randomHex } from '../../common/random-text.ts';
import type { ItemKind } from './conversation-store.ts';

/** 144 random bits, so that an id cannot be guessed. */
const RANDOM_BYTES = 18;

const PREFIXES: Readonly<Record<ItemKind, string>> = {
  message: 'msg_',
  function_call: 'fc_',
  function_call_output: 'fco_',
};

/**
 * A new id in OpenAI's form: `conv_` and 48 hexadecimal digits. The first twelve are the time in milliseconds, so that new
 * ids stand together in an index and a commit writes few of its pages.
 */
export function newConversationId(): string {
  return `conv_${Date.now().toString(16).padStart(12, '0')}${randomHex(RANDOM_BYTES)}`;
}

/** Whether a text has the form of an id at all. */
export function isConversationId(text: string): boolean {
  return /^conv_[0-9a-f]{48}$/.test(text);
}

/** A new id, in which the position stands, so that it needs no index. */
export function newItemId(kind: ItemKind, position: number): string {
  return `${PREFIXES[kind]}${randomHex(16)}${position.toString(16).padStart(8, '0')}`;
}

/** The position that stands in an id; undefined for what is not the id of an item. */
export function positionOf(itemId: string): number | undefined {
  const digits = /^(?:msg|fc|fco)_[0-9a-f]{32}([0-9a-f]{8})$/.exec(itemId)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
