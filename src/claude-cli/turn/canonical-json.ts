import { configure } from 'safe-stable-stringify';

const stringify = configure({ deterministic: true, circularValue: Error });

/** JSON that is equal only for equal values: sorts the keys of objects and omits undefined values. For plain data. */
export function canonicalJson(value: unknown): string {
  return stringify(value) ?? 'null';
}
