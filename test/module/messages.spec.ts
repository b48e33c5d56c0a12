// Guarantee: the second door answers in Anthropic's shape, whole and streamed, errors of every middleware included, and has what
// the first door has: limits, keys, cache, conversations, cancelling.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import type { Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { messageEvents, streamedBlocks } from '../support/message-stream.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL, TURNS } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { CliCrashedError, UpstreamError } from '../../src/claude-cli/errors.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import { digestOf } from '../../src/keys/generate-key.ts';
import type { Stats } from '../../src/stats/stats.service.ts';

let service: TestApplication;
beforeAll(async () => {
  service = await TestApplication.start();
});
afterAll(() => service.stop());
afterEach(async () => {
  await waitFor('every turn to be over', () => service.pool.running === 0);
  service.pool.answer = NEVER;
});

const ask = (more: object = {}): object => ({
  model: 'sonnet',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'hello' }],
  ...more,
});
const usage = { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 4, outputTokens: 1, thinkingTokens: 0 };
const start: TurnEvent = { type: 'start', model: MODEL, usage };
const piece: TurnEvent = { type: 'text-delta', text: 'one' };
const crash = throwError(() => new CliCrashedError(null, 'SIGKILL', 'the end of stderr'));

/** The settings of a key of these limits. */
const keys = (limits: object = {}): string =>
  JSON.stringify([{ name: 'a', sha256: digestOf('key-of-a-tenant').toString('hex'), ...limits }]);

interface AnthropicError {
  readonly type: 'error';
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id: string;
}

function send(body: unknown, init: RequestInit & { path?: string; service?: TestApplication } = {}): Promise<Response> {
  const { path = '/v1/messages', service: other = service, ...rest } = init;
  return fetch(`${other.url}${path}`, {
    method: 'POST',
    ...rest,
    headers: { 'content-type': 'application/json', ...(rest.headers as Record<string, string> | undefined) },
    ...(rest.method !== 'GET' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function whole(body: object): Promise<Message> {
  const response = await send(body);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Message;
}

async function streamed(body: object): Promise<RawMessageStreamEvent[]> {
  const response = await send({ ...body, stream: true });
  assert.equal(response.status, 200, await response.clone().text());
  return messageEvents(await response.text());
}

/** Asserts that an answer is an error in Anthropic's shape, and returns it. */
async function refused(response: Response, status: number, type: string): Promise<string> {
  const body = (await response.json()) as AnthropicError;
  assert.deepEqual(
    [response.status, body.type, body.error.type, body.request_id],
    [status, 'error', type, response.headers.get('request-id')],
    body.error.message,
  );
  assert.deepEqual(Object.keys(body), ['type', 'error', 'request_id']);
  assert.equal(response.headers.get('x-request-id'), body.request_id);
  return body.error.message;
}

test('a whole answer is one message, with its usage, its cost and its timing', async () => {
  service.pool.answer = of(...TURNS['text and parallel calls'].slice(0, -1), finish('tool-calls', { costUsd: 0.0123 }));
  const response = await send(ask());
  assert.equal(response.headers.get('x-claude-code-cost-usd'), '0.012300');
  assert.match(response.headers.get('server-timing') ?? '', /^queue;dur=1\.5, lease;desc="live", first-token;dur=/);
  assert.match(response.headers.get('x-conversation-id') ?? '', /^conv_/);
  assert.equal(response.headers.get('request-id'), response.headers.get('x-request-id'));
  const message = (await response.json()) as Message;
  assert.match(message.id, /^msg_[0-9a-f]{24}$/);
  const call = (index: number, name: string, input: object): object => ({
    type: 'tool_use',
    id: `toolu_${index}`,
    name,
    input,
    caller: { type: 'direct' },
  });
  assert.deepEqual(message, {
    id: message.id,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [
      { type: 'text', text: 'Let me look.', citations: null },
      call(0, 'weather', { city: 'Oslo' }),
      call(1, 'now', {}),
      call(2, 'later', {}),
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 4,
      cache_read_input_tokens: 5,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 2 },
      cache_creation: null,
      inference_geo: null,
      server_tool_use: null,
      service_tier: null,
      speed: null,
    },
  });
});

test('a stream is the events of a message, to the byte', async () => {
  service.pool.answer = of(start, piece, finish());
  const response = await send(ask({ stream: true }));
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('request-id'), response.headers.get('x-request-id'));
  const raw = await response.text();
  const id = /msg_[0-9a-f]{24}/.exec(raw)?.[0];
  const counts = (output: number, details: string): string =>
    `"input_tokens":10,"cache_creation_input_tokens":4,"cache_read_input_tokens":5,"output_tokens":${output},"server_tool_use":null,"output_tokens_details":${details}`;
  assert.equal(
    raw,
    `event: message_start\ndata: {"type":"message_start","message":{"id":"${id}","type":"message","role":"assistant","model":"${MODEL}","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":{${counts(0, 'null')},"cache_creation":null,"inference_geo":null,"service_tier":null,"speed":null}}}\n\n` +
      `event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":null}}\n\n` +
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one"}}\n\n` +
      `event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n` +
      `event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"container":null},"usage":{${counts(7, '{"thinking_tokens":2}')}}}\n\n` +
      `event: message_stop\ndata: {"type":"message_stop"}\n\n`,
  );
});

test('each piece is sent as it comes', async () => {
  const turn = new Subject<TurnEvent>();
  service.pool.answer = turn;
  const pending = send(ask({ stream: true }));
  await waitFor('the turn', () => service.pool.running === 1);
  turn.next(start);
  turn.next(piece);
  const reader = (await pending).body!.pipeThrough(new TextDecoderStream()).getReader();
  let raw = '';
  while (!raw.includes('"one"')) raw += (await reader.read()).value;
  turn.next(finish());
  turn.complete();
  for (let part = await reader.read(); !part.done; part = await reader.read()) raw += part.value;
  assert.equal(messageEvents(raw).at(-1)?.type, 'message_stop');
});

for (const [name, turn] of Object.entries(TURNS)) {
  test(`${name}: a stream collects to the whole answer`, async () => {
    service.pool.answer = of(...turn);
    const message = await whole(ask());
    const events = await streamed(ask());
    assert.deepEqual(streamedBlocks(events), message.content);
    const end = events.at(-2);
    assert.ok(end?.type === 'message_delta');
    assert.equal(end.delta.stop_reason, message.stop_reason);
  });
}

test('a stop sequence that ended the answer is named', async () => {
  service.pool.answer = of(start, piece, finish('stop', { stopSequence: 'END' }));
  const message = await whole(ask({ stop_sequences: ['END'] }));
  assert.deepEqual([message.stop_reason, message.stop_sequence], ['stop_sequence', 'END']);
});

const BODIES: [what: string, body: unknown, message: string][] = [
  ['without a limit', { model: 'sonnet', messages: [] }, 'max_tokens: Field required'],
  ['without a model', { max_tokens: 1, messages: [] }, 'model: Field required'],
  ['with a message of no role', ask({ messages: [{ content: 'x' }] }), 'messages.0.role: Field required'],
  ['with content that is a number', ask({ messages: [{ role: 'user', content: 5 }] }), "messages.0.content: Invalid type for 'messages.0.content': expected a string or an array, but got an integer instead."],
  ['with a block that lacks its text', ask({ messages: [{ role: 'user', content: [{ type: 'text' }] }] }), 'messages.0.content.0.text: Field required'],
  ['with a block that its last message cannot hold', ask({ messages: [{ role: 'user', content: [{ type: 'container_upload', file_id: 'f' }] }] }), "messages.0.content.0.type: Invalid value for 'messages.0.content.0.type': \"container_upload\". Supported values are: 'text', 'image', 'document', 'search_result', 'tool_result'."],
  ['with an uploaded file', ask({ messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }] }), 'messages.0.content.0.source.file_id: Uploaded files are not available here: send the content in base64.'],
  ['with an image that is none', ask({ messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }] }] }), "messages.0.content.0.source.data: Invalid 'messages.0.content.0.source.data': its content is not PNG, JPEG, GIF, WebP or PDF."],
  ['with a budget beyond its limit', ask({ thinking: { type: 'enabled', budget_tokens: 1024 } }), "thinking.budget_tokens: 'max_tokens' must be greater than 'thinking.budget_tokens'."],
  ['with a tool that has no schema', ask({ tools: [{ name: 'f' }] }), 'tools.0.input_schema: Field required'],
  ['that forces a tool of the provider', ask({ tools: [{ type: 'web_search_20250305', name: 'web_search' }], tool_choice: { type: 'tool', name: 'web_search' } }), "tool_choice.name: Invalid 'tool_choice.name': the tool 'web_search' is not available here."],
  ['with MCP servers', ask({ mcp_servers: [{ type: 'url', url: 'https://a.test' }] }), "mcp_servers: Unsupported parameter: 'mcp_servers' is not supported by this service."],
  ['whose last message calls a tool', ask({ messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] }] }), 'messages.1.content.0: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.'],
  ['that is not JSON', '{"model":', 'We could not parse the JSON body of your request. Please check that it is valid JSON in UTF-8.'],
]; // prettier-ignore
for (const [what, body, message] of BODIES) {
  test(`a body ${what} is a 400 that names the field`, async () => {
    const turns = service.pool.turns.length;
    assert.equal(await refused(await send(body), 400, 'invalid_request_error'), message);
    assert.equal(service.pool.turns.length, turns);
  });
}

test('errors of every middleware and route are in the shape of Anthropic', async () => {
  const strict = await TestApplication.start({
    AUTH__KEYS: keys({ models: ['claude-haiku-4-5'], requests_per_minute: 9 }),
    SERVER__MAX_BODY_MEGABYTES: '0.001',
  });
  const headers = { 'x-api-key': 'key-of-a-tenant' };
  const to = (body: unknown, init: Parameters<typeof send>[1] = {}): Promise<Response> =>
    send(body, { service: strict, headers, ...init });
  await refused(await to(ask(), { headers: {} }), 401, 'authentication_error');
  await refused(await to(ask(), { headers: { authorization: 'Bearer nothing' } }), 401, 'authentication_error');
  await refused(await to(ask()), 403, 'permission_error');
  await refused(await to(ask({ model: 'gpt-nothing' })), 404, 'not_found_error');
  const counting = await refused(await to(ask(), { path: '/v1/messages/count_tokens' }), 404, 'not_found_error');
  assert.match(counting, /does not have the counting of tokens/);
  await refused(await to(undefined, { method: 'GET' }), 405, 'invalid_request_error');
  await refused(await to(ask({ system: 'x'.repeat(2000) })), 413, 'request_too_large');
  await refused(await to('x', { headers: { ...headers, 'content-type': 'text/plain' } }), 415, 'invalid_request_error');
  for (let count = 0; count < 3; count += 1) await to(ask(), { path: '/v1/messages/x' });
  const limited = await to(ask());
  assert.ok(limited.headers.has('retry-after') && limited.headers.has('x-ratelimit-limit-requests'));
  await refused(limited, 429, 'rate_limit_error');
  // Elsewhere nothing has changed.
  const elsewhere = (await (await strict.get('/v1/models')).json()) as { error: { code: string } };
  assert.equal(elsewhere.error.code, 'missing_api_key');
  await strict.stop();
});

for (const headers of [{ authorization: 'Bearer key-of-a-tenant' }, { 'x-api-key': 'key-of-a-tenant' }]) {
  test(`a key is taken from ${Object.keys(headers).join()}`, async () => {
    const locked = await TestApplication.start({ AUTH__KEYS: keys() });
    locked.pool.answer = of(start, piece, finish());
    const response = await send(ask(), { service: locked, headers });
    assert.equal(response.status, 200, await response.text());
    await locked.stop();
  });
}

for (const [status, answered, type] of [
  [429, 429, 'rate_limit_error'],
  [529, 503, 'overloaded_error'],
  [500, 502, 'api_error'],
] as const) {
  for (const stream of [false, true]) {
    test(`a provider's ${status} before the first piece is a ${answered}, stream ${stream}`, async () => {
      service.pool.answer = concat(
        of(start),
        throwError(() => new UpstreamError(status, 'slow down', 27)),
      );
      const response = await send(ask({ stream }));
      if (answered !== 502) assert.equal(response.headers.get('retry-after'), '27');
      await refused(response, answered, type);
    });
  }
}

test('a failure in mid-stream is the last event, in the shape of Anthropic', async () => {
  service.pool.answer = concat(of(start, piece), crash);
  const response = await send(ask({ stream: true }));
  const last = messageEvents(await response.text()).at(-1) as unknown as AnthropicError;
  assert.deepEqual(last, {
    type: 'error',
    error: { type: 'api_error', message: 'The Claude Code CLI failed while it was answering.' },
    request_id: response.headers.get('request-id'),
  });
});

for (const stream of [false, true]) {
  test(`a client that leaves ends its turn, stream ${stream}`, async () => {
    service.pool.answer = concat(of(start, piece), NEVER);
    const client = new AbortController();
    const request = send(ask({ stream }), { signal: client.signal }).then((response) => response.text());
    await waitFor('the turn', () => service.pool.running === 1);
    client.abort();
    await assert.rejects(request, { name: 'AbortError' });
    await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  });

  test(`what had no effect is named in a header, stream ${stream}`, async () => {
    service.pool.answer = of(start, piece, finish());
    const body = ask({
      stream,
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
      context_management: { edits: [] },
      tools: [
        { name: 'f', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 1 },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] },
        { role: 'assistant', content: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }] },
        { role: 'user', content: 'y' },
      ],
    });
    const response = await send(body, { path: '/v1/messages?beta=true&x=1', headers: { 'anthropic-beta': 'a,b' } });
    await response.text();
    assert.equal(
      response.headers.get('x-claude-code-ignored'),
      'context_management, metadata, service_tier, tools.web_search_20250305 (not available), messages.content.server_tool_use (passed on as text), ' +
        'messages.content.cache_control, tools.cache_control, anthropic-beta, x',
    );
  });
}

test('where fields without effect are refused, the first is named', async () => {
  const strict = await TestApplication.start({ CLAUDE__STRICT_PARAMETERS: 'true' });
  const response = await send(ask({ metadata: { user_id: 'u' } }), { service: strict });
  assert.match(await refused(response, 400, 'invalid_request_error'), /^metadata: Unsupported parameter: 'metadata'/);
  await strict.stop();
});

test('a silent stream is kept alive by comments; a failure then is an event', async () => {
  const impatient = await TestApplication.start({ SERVER__KEEP_ALIVE_SECONDS: '0.02' });
  const turn = new Subject<TurnEvent>();
  impatient.pool.answer = turn;
  const response = await send(ask({ stream: true }), { service: impatient });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let raw = '';
  while (!raw.includes(': keep-alive\n\n: keep-alive\n\n')) raw += (await reader.read()).value;
  turn.error(new UpstreamError(529, 'overloaded'));
  for (let part = await reader.read(); !part.done; part = await reader.read()) raw += part.value;
  const [event] = messageEvents(raw) as unknown as AnthropicError[];
  assert.equal(event?.error.type, 'overloaded_error');
  await impatient.stop();
});

test('the same request is answered from the cache, and one through another door or with another format is not', async () => {
  const caching = await TestApplication.start({ CACHE__ENABLED: 'true' });
  caching.pool.answer = of(start, piece, finish());
  const text = async (response: Promise<Response>): Promise<[string | null, Message]> => {
    const answer = await response;
    return [answer.headers.get('x-cache'), (await answer.json()) as Message];
  };
  const [first, made] = await text(send(ask(), { service: caching }));
  const [second, repeated] = await text(send(ask(), { service: caching }));
  assert.deepEqual([first, second, caching.pool.turns.length], ['miss', 'hit', 1]);
  assert.deepEqual({ ...repeated, id: made.id }, made);
  assert.notEqual(repeated.id, made.id);
  assert.equal((await caching.post({ ...ask(), max_completion_tokens: 1000 })).headers.get('x-cache'), 'miss');
  await caching.stop();
});

test('a conversation goes on by its header, through both doors', async () => {
  service.pool.answer = of(start, piece, finish('stop', { content: [{ type: 'text', text: 'one' }] }));
  const first = await send(ask());
  await first.text();
  const id = first.headers.get('x-conversation-id') ?? '';
  const headers = { 'x-conversation-id': id };
  const body = { max_tokens: 5, messages: [{ role: 'user', content: 'and then?' }] };
  assert.equal((await send(body, { headers })).status, 200);
  const { history, message, model } = service.pool.turns.at(-1)!;
  assert.equal(model, 'claude-sonnet-4-5');
  assert.deepEqual([...history, message].map(({ content }) => content), [
    [{ type: 'text', text: 'hello' }],
    [{ type: 'text', text: 'one' }],
    [{ type: 'text', text: 'and then?' }],
  ]); // prettier-ignore
  assert.equal((await service.post({ messages: [{ role: 'user', content: 'more' }] }, { headers })).status, 200);
  assert.equal(service.pool.turns.at(-1)!.history.length, 4);
  const unknown = await send(ask(), { headers: { 'x-conversation-id': 'conv_unknown' } });
  await refused(unknown, 404, 'not_found_error');
});

test('an answer that is not to be stored is kept in memory only', async () => {
  service.pool.answer = of(start, piece, finish());
  const response = await send(ask({ store: false }));
  await response.text();
  assert.equal(response.headers.get('x-claude-code-conversation-storage'), 'memory');
});

test('its requests are told apart in the figures', async () => {
  service.pool.answer = of(start, piece, finish());
  await whole(ask());
  const stats = (await (await service.get('/stats')).json()) as Stats;
  assert.ok(JSON.stringify(stats).includes('/v1/messages'), JSON.stringify(stats).slice(0, 500));
});
