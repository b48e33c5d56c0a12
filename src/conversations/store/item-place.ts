import { ConversationFullError } from './conversation-full-error.ts';
import type { NewItem } from './conversation-store.ts';

/** Items that a conversation can ever have. */
const POSITIONS = 2 ** 20;
/** System texts stand before everything that was said, at the positions below this one. */
export const FIRST_POSITION = 2 ** 10;

/** Where an item lies in the table: all of a conversation's one after the other. */
export function placeOf(conversation: number, position: number): number {
  return conversation * POSITIONS + position;
}

/** The places of a conversation from a position on: the first, and the first that is no longer its own. */
export function placesOf(conversation: number, from = 0): [number, number] {
  return [placeOf(conversation, from), placeOf(conversation + 1, 0)];
}

export function positionAt(place: number): number {
  return place % POSITIONS;
}

/** Throws a ConversationFullError for a position that is not the conversation's own, or not of items of this role. */
export function checkPosition(item: Pick<NewItem, 'role'>, position: number): void {
  if (!isSystem(item)) {
    if (position >= POSITIONS) throw new ConversationFullError(`${POSITIONS - FIRST_POSITION} items`);
  } else if (position >= FIRST_POSITION) throw new ConversationFullError(`${FIRST_POSITION} system texts`);
}

/** System texts have positions of their own. */
export function isSystem({ role }: Pick<NewItem, 'role'>): boolean {
  return role === 'system' || role === 'developer';
}
