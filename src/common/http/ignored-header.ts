/** Proxies and clients limit the size of all headers together, commonly to 8 kB. */
const MAX_CHARACTERS = 1000;
/** Names of fields can be the client's own, of any length. */
const MAX_NAME_CHARACTERS = 200;

/** Stands at the end of a list that is not complete. */
export const AND_MORE = '(and more)';

/**
 * The value of the header that names what had no effect. The names of unknown fields are the client's own: what a header
 * cannot carry is percent-encoded, and a long name or list is cut short.
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

/** Our own entries hold no comma; one in a field's name must not look like the end of it. */
function encode(entry: string): string {
  const name = entry.length > MAX_NAME_CHARACTERS ? `${entry.slice(0, MAX_NAME_CHARACTERS)}...` : entry;
  return name.toWellFormed().replaceAll(/[^ -~]|[%,]/gu, encodeURIComponent);
}
