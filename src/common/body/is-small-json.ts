/** Limits of a value as JSON. */
export interface JsonBounds {
  /** Counts strings, numbers, lists and objects, field names, and all nested ones. */
  readonly values?: number;
  /** Counts all strings and field names together. */
  readonly characters?: number;
}

/** Whether a value is within the limits. Stops at the first excess, so the time is bounded for larger values. */
export function isSmallJson(
  value: unknown,
  { values = Number.POSITIVE_INFINITY, characters = Number.POSITIVE_INFINITY }: JsonBounds,
): boolean {
  const waiting: unknown[] = [value];
  let [count, length] = [1, 0];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') length += next.length;
    if (typeof next === 'object' && next !== null) {
      const names = Array.isArray(next) ? [] : Object.keys(next);
      count += Array.isArray(next) ? next.length : names.length * 2;
      if (count > values) return false;
      for (const name of names) length += name.length;
      for (const child of Object.values(next)) waiting.push(child);
    }
    if (length > characters) return false;
  }
  return count <= values;
}
