const CHAT = 'POST /v1/chat/completions';

/** Endpoints of this service, by the segments that name them anywhere in a path. */
const ENDPOINTS: readonly [name: string, endpoint: string][] = [
  ['chat/completions', CHAT],
  ['completions', 'POST /v1/completions'],
  ['responses', 'POST /v1/responses'],
  ['conversations', '/v1/conversations'],
  ['models', 'GET /v1/models'],
  ['stats', 'GET /stats'],
  ['health', 'GET /health/ready'],
];

/** Endpoints of other services and other APIs, and what this service has instead. */
const OTHERS: readonly [name: string, what: string][] = [
  ['messages', "Anthropic's Messages API"],
  ['api/chat', "Ollama's API"],
  ['api/generate', "Ollama's API"],
  ['api/tags', "Ollama's API"],
  ['chat', 'this endpoint'],
  ['embeddings', 'embeddings'],
  ['images', 'the generation of images'],
  ['audio', 'audio'],
  ['files', 'uploads of files'],
  ['assistants', "OpenAI's Assistants API"],
  ['threads', "OpenAI's Assistants API"],
  ['moderations', 'moderation'],
];

/** What to ask for instead of a path that is no route. */
export function pathHint(path: string): string {
  const segments = `/${decode(path).toLowerCase().split('/').filter(Boolean).join('/')}/`;
  const holds = ([name]: readonly [string, string]): boolean => segments.includes(`/${name}/`);
  const endpoint = ENDPOINTS.find(holds)?.[1];
  if (endpoint !== undefined) {
    const isApi = endpoint.includes('/v1/');
    return `Use ${endpoint}${isApi ? '; the base URL of a client is the address of this service followed by /v1' : ''}.`;
  }
  const other = OTHERS.find(holds)?.[1];
  const lacks = other === undefined ? '' : `This service does not have ${other}. `;
  return `${lacks}Use ${CHAT} or GET /v1/models; the base URL of a client is the address of this service followed by /v1.`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
