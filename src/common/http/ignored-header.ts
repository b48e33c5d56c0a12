/** Proxies and clients limit the size of all headers together, commonly to 8 kB. */
const MAX_CHARACTERS = 1000;
/** Field names can be the client's own, of any length. */
const MAX_NAME_CHARACTERS = 200;

/** Ends an incomplete list. */
export const AND_MORE = '(and more)';

/**
 * The value of the header that names fields without effect. Unknown field names are the client's own: percent-encodes what
 * a header cannot carry, and truncates long names and lists.
 */
export function ignoredHeader(ignored: readonly string[]): string {
  let value = '';
  for (const entry of ignored) {
    const text = `${value === '' ? '' : ', '}${encode(entry)}`;
    if (value.length + text.length > MAX_CHARACTERS) return value === '' ? AND_MORE : `${value}, ${AND_MORE}`;
    value += text;
  }
  return value;
}

/** Entries of this service contain no comma; one in a client's field name must not look like a separator. */
function encode(entry: string): string {
  const name = entry.length > MAX_NAME_CHARACTERS ? `${entry.slice(0, MAX_NAME_CHARACTERS)}...` : entry;
  return name.toWellFormed().replaceAll(/[^ -~]|[%,]/gu, encodeURIComponent);
}
