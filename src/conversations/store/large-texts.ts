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

/** A value as JSON, its large texts (pictures above all) apart from it. */
export function lighten(value: unknown): Lightened {
  const json = JSON.stringify(value);
  const texts: { path: TextPath; text: string }[] = [];
  // Written as JSON, no text is shorter.
  if (json.length >= LARGE_CHARACTERS) collect(value, [], texts);
  if (texts.length === 0) return { json, texts };
  const copy = JSON.parse(json) as unknown;
  for (const { path } of texts) put(copy, path, '');
  return { json: JSON.stringify(copy), texts };
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

function collect(value: unknown, path: TextPath, texts: { path: TextPath; text: string }[]): void {
  if (typeof value === 'string') {
    if (value.length >= LARGE_CHARACTERS && path.length > 0) texts.push({ path, text: value });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, index], texts);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) collect(item, [...path, key], texts);
  }
}

/** Replaces a text that is there: an own property, so that no name can reach a prototype. */
function put(value: unknown, path: TextPath, text: string): void {
  let holder = value as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
  const last = path.at(-1);
  if (last !== undefined) holder[last] = text;
}
