/**
 * The path as the routes have it, for a path that a client put together from a base URL and an endpoint: without empty
 * segments, with `/v1` in front exactly once, and with the fixed segments in lower case. Ids and names stay as they are. A
 * path that means no route has no empty segments either, and is otherwise unchanged. Nothing is decoded, and `..` is not
 * resolved, so the result holds no segment that was not there.
 */
export function canonicalPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const lowerCase = segments.map((segment) => segment.toLowerCase());
  // In front: the version, perhaps twice, or a whole endpoint that was given as the base URL.
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

/** Whether the segments at this place are only in front of the endpoint that is meant. */
function isRepeated(segments: readonly string[], start: number): boolean {
  if (segments[start] === 'v1') return true;
  const isEndpoint = segments[start] === 'chat' && segments[start + 1] === 'completions';
  return isEndpoint && ['v1', 'chat', 'responses', 'models', 'conversations'].includes(segments[start + 2] ?? '');
}

function join(...segments: readonly string[]): string {
  return `/${segments.join('/')}`;
}
