const CHAT = 'POST /v1/chat/completions';
const MESSAGES = "POST /v1/messages; the base URL of Anthropic's clients is the address of this service without /v1";

/** Endpoints of this service, by the segments that identify them anywhere in a path. */
const ENDPOINTS: readonly [name: string, endpoint: string][] = [
  ['chat/completions', CHAT],
  ['completions', 'POST /v1/completions'],
  ['responses', 'POST /v1/responses'],
  ['conversations', '/v1/conversations'],
  ['models', 'GET /v1/models'],
  ['stats', 'GET /stats'],
  ['health', 'GET /health/ready'],
];

/** Endpoints of other services and other APIs, and the alternative of this service. */
const OTHERS: readonly [name: string, what: string][] = [
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

/** Unsupported endpoints below Anthropic's /v1/messages. */
const BELOW_MESSAGES: readonly [name: string, what: string][] = [
  ['messages/count_tokens', 'the counting of tokens'],
  ['messages/batches', 'batches of messages'],
];

/** The endpoint to use instead of an unknown path. */
export function pathHint(path: string): string {
  const segments = `/${decode(path).toLowerCase().split('/').filter(Boolean).join('/')}/`;
  const holds = ([name]: readonly [string, ...unknown[]]): boolean => segments.includes(`/${name}/`);
  if (segments.includes('/v1/messages/')) return `${lacking(BELOW_MESSAGES.find(holds))}Use ${MESSAGES}.`;
  const endpoint = ENDPOINTS.find(holds)?.[1];
  if (endpoint !== undefined) {
    const isApi = endpoint.includes('/v1/');
    return `Use ${endpoint}${isApi ? '; the base URL of a client is the address of this service followed by /v1' : ''}.`;
  }
  return `${lacking(OTHERS.find(holds))}Use ${CHAT} or GET /v1/models; the base URL of a client is the address of this service followed by /v1.`;
}

function lacking(other: readonly [name: string, what: string] | undefined): string {
  return other === undefined ? '' : `This service does not have ${other[1]}. `;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
