import { configure } from 'safe-stable-stringify';

const stringify = configure({ deterministic: true, circularValue: Error });

/**
 * JSON that is equal exactly when two values are: keys of objects stand in one order, and what is undefined is left out.
 * For plain data.
 */
export function canonicalJson(value: unknown): string {
  return stringify(value) ?? 'null';
}
