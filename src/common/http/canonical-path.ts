/**
 * The canonical form of a path that a client built from a base URL and an endpoint: without empty segments, with exactly
 * one `/v1` in front, and with fixed segments in lower case. Ids and names stay unchanged. An unknown path only loses its
 * empty segments. Decodes nothing and does not resolve `..`, so the result has no new segments.
 */
export function canonicalPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const lowerCase = segments.map((segment) => segment.toLowerCase());
  // The prefix: the version, perhaps twice, or a whole endpoint as the base URL.
  let start = 0;
  while (isRepeated(lowerCase, start)) start += lowerCase[start] === 'v1' ? 1 : 2;
  const [first, ...rest] = segments.slice(start);
  const name = lowerCase[start];
  switch (name) {
    case 'chat':
      return join('v1', ...lowerCase.slice(start, start + 2), ...rest.slice(1));
    case 'completions':
      return join('v1', 'completions', ...rest);
    case 'messages':
      return join('v1', ...lowerCase.slice(start));
    case 'models':
      return join('v1', 'models', ...rest);
    case 'conversations':
    case 'responses':
      return join('v1', name, ...rest.map((segment, index) => (index === 1 ? segment.toLowerCase() : segment)));
    case 'health':
    case 'stats':
      return start === 0 ? join(...lowerCase) : join('v1', ...lowerCase.slice(start));
    case undefined:
      return start === 0 ? '/' : '/v1';
    default:
      return start === 0 ? join(...segments) : join('v1', first ?? '', ...rest);
  }
}

/** Whether the segments at this index are a repeated prefix of the actual endpoint. */
function isRepeated(segments: readonly string[], start: number): boolean {
  if (segments[start] === 'v1') return true;
  const isEndpoint = segments[start] === 'chat' && segments[start + 1] === 'completions';
  return isEndpoint && ['v1', 'chat', 'responses', 'models', 'conversations'].includes(segments[start + 2] ?? '');
}

function join(...segments: readonly string[]): string {
  return `/${segments.join('/')}`;
}
