const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Maps a function name to one that the Messages API accepts; that of a call in the history may be anything. */
export function toFunctionName(name: unknown): string {
  if (typeof name !== 'string') return 'unknown';
  if (NAME.test(name)) return name;
  const valid = name.slice(0, 64).replaceAll(/[^a-zA-Z0-9_-]/g, '_');
  return valid === '' ? 'unknown' : valid;
}
