/**
 * JSON that is equal exactly when two values are: keys of objects stand in one order, and what is undefined is left out.
 * For plain data.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(withSortedKeys(value)) ?? 'null';
}

function withSortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withSortedKeys);
  const record = value as Readonly<Record<string, unknown>>;
  // Makes own properties whatever their names, `__proto__` too.
  return Object.fromEntries(
    Object.keys(record)
      .toSorted()
      .map((key) => [key, withSortedKeys(record[key])]),
  );
}
