import { ConversationFullError } from './conversation-full-error.ts';
import type { NewItem } from './conversation-store.ts';
import { checkPosition, isSystem } from './item-place.ts';
import { lighten, maxStoredBytes, storedBytes } from './large-texts.ts';

/** What bounds the items that a conversation can still take. */
export interface Room {
  /** What it holds without what the items replace. */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly nextPosition: number;
  readonly nextSystemPosition: number;
}

/** Positions that stay free for the items of an answer. */
const ANSWER_POSITIONS = 1024;

/** Throws a ConversationFullError when a request's items, and any answer to it, do not fit. */
export function assertRoom(items: readonly NewItem[], room: Room): void {
  let position = room.nextPosition + ANSWER_POSITIONS;
  let systemPosition = room.nextSystemPosition;
  for (const item of items) checkPosition(item, isSystem(item) ? systemPosition++ : position++);
  const free = room.maxBytes - room.bytes;
  // Most are far below the bound, so their exact size need not be known.
  if (sum(items, (content) => maxStoredBytes(content)) <= free) return;
  if (sum(items, (content) => storedBytes(lighten(content))) > free) throw tooLarge(room.maxBytes);
}

/** @param maxBytes what a conversation can hold */
export function tooLarge(maxBytes: number): ConversationFullError {
  return new ConversationFullError(`${maxBytes / MEGABYTE} MB`);
}

export const MEGABYTE = 1024 * 1024;

function sum(items: readonly NewItem[], bytesOf: (content: NewItem['content']) => number): number {
  return items.reduce((total, { content }) => total + bytesOf(content), 0);
}
