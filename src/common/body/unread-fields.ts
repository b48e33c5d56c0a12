import { AND_MORE } from '../http/ignored-header.ts';

/** More names than anybody reads, and than a header holds. */
const MAX_FIELDS = 100;

/**
 * The fields of a body that the schema does not know, each once and without the positions in lists, as in
 * `messages.content.cache_control`. The search ends when it has found a hundred, and says
 * so.
 *
 * @param read what the schema made of the body: the same without those fields
 */
export function unreadFields(body: unknown, read: unknown): string[] {
  const found = new Set<string>();
  collect(body, read, '', found);
  return found.size < MAX_FIELDS ? [...found] : [...found, AND_MORE];
}

function collect(body: unknown, read: unknown, path: string, found: Set<string>): void {
  if (body === read || typeof body !== 'object' || body === null || typeof read !== 'object' || read === null) return;
  if (Array.isArray(body)) {
    for (const [index, item] of body.entries()) {
      collect(item, (read as readonly unknown[])[index], path, found);
      if (found.size >= MAX_FIELDS) return;
    }
    return;
  }
  // The values are fetched one by one: there may be a hundred thousand of them, and the search may end soon.
  for (const field of Object.keys(body)) {
    const value = (body as Record<string, unknown>)[field];
    const fieldPath = path === '' ? field : `${path}.${field}`;
    if (Object.hasOwn(read, field)) collect(value, (read as Record<string, unknown>)[field], fieldPath, found);
    else if (value !== null) found.add(fieldPath);
    if (found.size >= MAX_FIELDS) return;
  }
}
