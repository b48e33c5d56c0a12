import { AND_MORE } from '../http/ignored-header.ts';

/** The path of a child from its parent's path and its field; a list item has the path of the list. */
export type ChildPath = (place: string, parent: object, field: string | number, child: unknown) => string;

const ordinaryPath: ChildPath = (place, _parent, field) => {
  if (typeof field === 'number') return place;
  return place === '' ? field : `${place}.${field}`;
};

/** More than a header holds, or a reader needs. */
const MAX_FIELDS = 100;

/**
 * The fields of a body that the schema does not know, without duplicates and list indices, as in
 * `messages.content.cache_control`. The search stops at a hundred, and marks the list as incomplete.
 *
 * @param read the result of the schema: the body without those fields
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
  // Not with Object.entries: there may be a hundred thousand values, and the search may end soon.
  for (const field of Object.keys(body)) {
    const value = (body as Record<string, unknown>)[field];
    const fieldPath = collection.childPath(path, body, field, value);
    if (Object.hasOwn(read, field)) collect(value, (read as Record<string, unknown>)[field], fieldPath, collection);
    else if (value !== null && value !== undefined) collection.found.add(fieldPath);
    if (collection.found.size >= MAX_FIELDS) return;
  }
}
