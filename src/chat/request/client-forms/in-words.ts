import type { FormContext, JsonObject } from './form-context.ts';

/** A longer text in a part that becomes text is data, which the model could not read. */
const MAX_TEXT = 1_000;

/** Any value as a text: nothing for what is not there, JSON for what is no text. */
export function plainText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A part or item of the history that has no counterpart, as a text part that says what it was. */
export function inWords(value: JsonObject, { ignored }: FormContext): { type: 'text'; text: string } {
  const type = typeof value['type'] === 'string' ? value['type'].slice(0, MAX_TEXT) : 'part';
  ignored.add(`messages.content.${type} (passed on as text)`);
  return { type: 'text', text: `[${type}] ${shortJson(value)}` };
}

/** JSON in which long texts are cut. */
export function shortJson(value: JsonObject): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' && member.length > MAX_TEXT ? `${member.slice(0, MAX_TEXT)}…` : member,
  );
}
