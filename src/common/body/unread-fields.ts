import { AND_MORE } from '../http/ignored-header.ts';

/** The path of a child, from that of its parent and its field; that of an item of a list is the list's. */
export type ChildPath = (place: string, parent: object, field: string | number, child: unknown) => string;

const ordinaryPath: ChildPath = (place, _parent, field) => {
  if (typeof field === 'number') return place;
  return place === '' ? field : `${place}.${field}`;
};

/** More names than anybody reads, and than a header holds. */
const MAX_FIELDS = 100;

/**
 * The fields of a body that the schema does not know, each once and without the positions in lists, as in
 * `messages.content.cache_control`. The search ends when it has found a hundred, and says
 * so.
 *
 * @param read what the schema made of the body: the same without those fields
 */
export function unreadFields(body: unknown, read: unknown, childPath = ordinaryPath): string[] {
  const found = new Set<string>();
  collect(body, read, '', { childPath, found });
  return found.size < MAX_FIELDS ? [...found] : [...found, AND_MORE];
}

interface Collection {
  readonly childPath: ChildPath;
  readonly found: Set<string>;
}

function collect(body: unknown, read: unknown, path: string, collection: Collection): void {
  if (body === read || typeof body !== 'object' || body === null || typeof read !== 'object' || read === null) return;
  if (Array.isArray(body)) {
    for (const [index, item] of body.entries()) {
      const itemPath = collection.childPath(path, body, index, item);
      collect(item, (read as readonly unknown[])[index], itemPath, collection);
      if (collection.found.size >= MAX_FIELDS) return;
    }
    return;
  }
  // The values are fetched one by one: there may be a hundred thousand of them, and the search may end soon.
  for (const field of Object.keys(body)) {
    const value = (body as Record<string, unknown>)[field];
    const fieldPath = collection.childPath(path, body, field, value);
    if (Object.hasOwn(read, field)) collect(value, (read as Record<string, unknown>)[field], fieldPath, collection);
    else if (value !== null && value !== undefined) collection.found.add(fieldPath);
    if (collection.found.size >= MAX_FIELDS) return;
  }
}
