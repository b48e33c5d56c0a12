/** Where a text stands in a value: the keys on the way to it. */
export type TextPath = readonly (string | number)[];

/** A value whose large texts were taken out. */
export interface Lightened {
  readonly json: string;
  readonly texts: readonly { readonly path: TextPath; readonly text: string }[];
}

/** Shorter ones cost less where they are. */
const LARGE_CHARACTERS = 2048;
/** No number is longer in JSON. */
const MAX_SCALAR_BYTES = 32;

/** A value as JSON, its large texts (pictures above all) apart from it: they are never written as JSON. */
export function lighten(value: unknown): Lightened {
  const texts: { path: TextPath; text: string }[] = [];
  const light = withoutTexts(value, [], texts);
  return { json: JSON.stringify(light), texts };
}

/** How many bytes of storage a value takes, large texts included. */
export function storedBytes({ json, texts }: Lightened): number {
  return texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), Buffer.byteLength(json));
}

/** A bound on what `storedBytes` gives for a value, without writing it as JSON. */
export function maxStoredBytes(value: unknown): number {
  // A character takes 3 bytes in UTF-8 at most, and 6 where JSON escapes it.
  if (typeof value === 'string') return value.length * (value.length < LARGE_CHARACTERS ? 6 : 3) + 2;
  if (typeof value !== 'object' || value === null) return MAX_SCALAR_BYTES;
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length * 6 + 4 + maxStoredBytes(item), 2);
}

/** The value again, equal to the byte when it is written as JSON. */
export function restore(json: string, texts: readonly { readonly path: TextPath; readonly text: string }[]): unknown {
  const value = JSON.parse(json) as unknown;
  for (const { path, text } of texts) put(value, path, text);
  return value;
}

/** The value itself where it holds no large text, else a copy with an empty text in the place of each. */
function withoutTexts(value: unknown, path: TextPath, texts: { path: TextPath; text: string }[]): unknown {
  if (typeof value === 'string') {
    if (value.length < LARGE_CHARACTERS || path.length === 0) return value;
    texts.push({ path, text: value });
    return '';
  }
  if (typeof value !== 'object' || value === null) return value;
  const before = texts.length;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => withoutTexts(item, [...path, index], texts));
    return texts.length === before ? value : items;
  }
  const entries = Object.entries(value).map(([key, item]) => [key, withoutTexts(item, [...path, key], texts)] as const);
  // Makes own properties whatever their names, `__proto__` too.
  return texts.length === before ? value : Object.fromEntries(entries);
}

/** Replaces a text that is there: an own property, so that no name can reach a prototype. */
function put(value: unknown, path: TextPath, text: string): void {
  let holder = value as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
  const last = path.at(-1);
  if (last !== undefined) holder[last] = text;
}
