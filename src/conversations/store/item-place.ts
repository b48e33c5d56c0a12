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

/** System texts have positions of their own. */
export function isSystem({ role }: Pick<NewItem, 'role'>): boolean {
  return role === 'system' || role === 'developer';
}
