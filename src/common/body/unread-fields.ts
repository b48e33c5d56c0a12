/**
 * The fields of a body that the schema does not know, each once and without the positions in lists, as in
 * `messages.content.cache_control`.
 *
 * @param read what the schema made of the body: the same without those fields
 */
export function unreadFields(body: unknown, read: unknown): string[] {
  const found = new Set<string>();
  collect(body, read, '', found);
  return [...found];
}

function collect(body: unknown, read: unknown, path: string, found: Set<string>): void {
  if (body === read || typeof body !== 'object' || body === null || typeof read !== 'object' || read === null) return;
  if (Array.isArray(body)) {
    for (const [index, item] of body.entries()) collect(item, (read as readonly unknown[])[index], path, found);
    return;
  }
  for (const [field, value] of Object.entries(body)) {
    const fieldPath = path === '' ? field : `${path}.${field}`;
    if (Object.hasOwn(read, field)) collect(value, (read as Record<string, unknown>)[field], fieldPath, found);
    else if (value !== null) found.add(fieldPath);
  }
}
