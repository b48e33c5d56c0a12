/** Proxies and clients limit the size of all headers together, commonly to 8 kB. */
const MAX_CHARACTERS = 1000;

/**
 * The value of the header that names what had no effect. The names of unknown fields are the client's own: what a header
 * cannot carry is percent-encoded, and a long list is cut short.
 */
export function ignoredHeader(ignored: readonly string[]): string {
  let value = '';
  for (const [index, entry] of ignored.entries()) {
    const text = `${index === 0 ? '' : ', '}${encode(entry)}`;
    if (value.length + text.length > MAX_CHARACTERS)
      return `${value}${index === 0 ? '' : ', '}(${ignored.length - index} more)`;
    value += text;
  }
  return value;
}

/** Our own entries hold no comma; one in a field's name must not look like the end of it. */
function encode(entry: string): string {
  return entry.toWellFormed().replaceAll(/[^ -~]|[%,]/gu, encodeURIComponent);
}
