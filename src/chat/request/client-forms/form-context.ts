import type { FieldOrigins } from './field-origins.ts';

/** What is noted while a body is put into OpenAI's form. */
export interface FormContext {
  readonly origins: FieldOrigins;
  /** What has no effect, in words for a header. */
  readonly ignored: Set<string>;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value says nothing. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Names the fields of an object that nothing reads. */
export function ignoreOthers(
  value: JsonObject,
  known: readonly string[],
  path: string,
  { ignored }: FormContext,
): void {
  for (const [field, member] of Object.entries(value)) {
    if (member !== null && !known.includes(field)) ignored.add(`${path}.${field}`);
  }
}

/** The same list where no item changes. */
export function mapUnlessSame(
  items: readonly unknown[],
  map: (item: unknown, index: number) => unknown,
): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const mapped = map(item, index);
    if (mapped !== item) (changed ??= [...items])[index] = mapped;
  }
  return changed ?? items;
}
