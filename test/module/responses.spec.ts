// Guarantee: from the events of a turn to the bytes of its response, whole and streamed: the same items with the same ids, in
// the order that clients rely on; what is stored can be read, gone on with and deleted, by its own key alone.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { assertWholeStream, responseEvents, responseOf } from '../support/response-events.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL, TURNS } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { CliCrashedError, UpstreamError } from '../../src/claude-cli/errors.ts';
import { digestOf, generateKey } from '../../src/keys/generate-key.ts';
import type { Turn, TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import type { ResponseEvent } from '../../src/responses/response/open-item.ts';
import type { ResponseObject } from '../../src/responses/response/response-object.ts';

let service: TestApplication;
beforeAll(async () => {
  service = await TestApplication.start();
});
afterAll(() => service.stop());
afterEach(async () => {
  await waitFor('every turn to be over', () => service.pool.running === 0);
  service.pool.answer = NEVER;
});

const start: TurnEvent = { type: 'start', model: MODEL };
const said = (text: string): TurnEvent[] => [
  { type: 'block-start', index: 0, kind: 'text' },
  { type: 'text-delta', text },
  { type: 'block-end', index: 0 },
];
const textTurn = (text: string): TurnEvent[] => [
  start,
  ...said(text),
  finish('stop', { content: [{ type: 'text', text }] }),
];
const thoughtTurn: TurnEvent[] = [
  start,
  { type: 'block-start', index: 0, kind: 'reasoning' },
  { type: 'reasoning-delta', text: 'Hm.' },
  { type: 'block-end', index: 0, signature: 'sig' },
  { type: 'block-start', index: 1, kind: 'text' },
  { type: 'text-delta', text: 'Yes.' },
  { type: 'block-end', index: 1 },
  finish('stop', {
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'text', text: 'Yes.' },
    ],
  }),
];

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ResponseObject & { error: { code: string; param: string; message: string } | null };
}

async function request(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const response = await fetch(`${service.url}/v1/responses${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Sent['body'] };
}
const create = (more: object, headers?: Record<string, string>): Promise<Sent> =>
  request('POST', '', { model: 'sonnet', input: 'hello', ...more }, headers);

async function stream(more: object): Promise<ResponseEvent[]> {
  const response = await fetch(`${service.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', input: 'hello', stream: true, ...more }),
  });
  const raw = await response.text();
  assert.equal(response.status, 200, raw);
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  return responseEvents(raw);
}
const types = (events: readonly ResponseEvent[]): string[] => events.map(({ type }) => type.replace('response.', ''));
const lastTurn = (): Turn => service.pool.turns.at(-1)!;

test('a stream of text has its events in order, and the whole response in the first and the last', async () => {
  service.pool.answer = of(...textTurn('one'));
  const events = await stream({ instructions: 'Be brief.' });
  assert.deepEqual(types(events), [
    'created', 'in_progress', 'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done',
    'content_part.done', 'output_item.done', 'completed',
  ]); // prettier-ignore
  const [first, last] = [responseOf(events[0]), responseOf(events.at(-1))];
  assert.deepEqual(Object.keys(first).toSorted(), Object.keys(last).toSorted());
  assert.deepEqual([first.status, first.output, first.usage], ['in_progress', [], null]);
  assert.deepEqual([last.status, last.id, last['instructions']], ['completed', first.id, 'Be brief.']);
  assert.deepEqual(last.output, [events.find(({ type }) => type === 'response.output_item.done')?.['item']]);
  assert.deepEqual(last.usage, {
    input_tokens: 19,
    input_tokens_details: { cached_tokens: 5, cache_write_tokens: 4 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 2 },
    total_tokens: 26,
  });
});

for (const [name, turn] of Object.entries({ ...TURNS, thought: thoughtTurn, 'one text': textTurn('one') })) {
  test(`the items of the stream are those of the response, each added before anything of it and done once: ${name}`, async () => {
    service.pool.answer = of<TurnEvent[]>(...turn);
    const last = assertWholeStream(await stream({}));
    service.pool.answer = of<TurnEvent[]>(...turn);
    const { body } = await create({});
    const bare = (output: readonly object[]): unknown => output.map((item) => ({ ...item, id: undefined }));
    assert.deepEqual(bare(body.output), bare(last.output));
    assert.deepEqual([body.status, body.incomplete_details], [last.status, last.incomplete_details]);
  });
}

test('a call streams its arguments; one without any is an empty object', async () => {
  service.pool.answer = of<TurnEvent[]>(...TURNS['text and parallel calls']);
  const tools = ['weather', 'now', 'later'].map((name) => ({ type: 'function', name, parameters: { type: 'object' } }));
  const events = await stream({ tools });
  const { output } = responseOf(events.at(-1));
  assert.deepEqual(output.map((item) => ('arguments' in item ? [item.call_id, item.name, item.arguments] : item.type)), [
    'message',
    ['toolu_0', 'weather', '{"city":"Oslo"}'],
    ['toolu_1', 'now', '{}'],
    ['toolu_2', 'later', '{}'],
  ]); // prettier-ignore
  for (const item of output.slice(1)) {
    const deltas = events.filter((event) => event['item_id'] === item.id && event.type.endsWith('arguments.delta'));
    assert.equal(deltas.map(({ delta }) => delta).join(''), 'arguments' in item ? item.arguments : '');
  }
});

test('a custom tool gets a text, piece by piece, and its result goes back', async () => {
  const call: TurnEvent[] = [
    { type: 'tool-call-start', index: 0, id: 'toolu_0', name: 'patch' },
    ...['{"inp', 'ut": "a\\n', 'b\\ud83e\\u', 'dd8a"', '}'].map((json): TurnEvent => ({ type: 'tool-call-delta', index: 0, json })), // prettier-ignore
  ];
  service.pool.answer = of(start, ...call, finish('tool-calls'));
  const tools = [
    { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: X' } },
  ];
  const events = await stream({ tools });
  const deltas = events.filter(({ type }) => type === 'response.custom_tool_call_input.delta');
  assert.deepEqual(deltas.map(({ delta }) => delta), ['a\n', 'b', '🦊']); // prettier-ignore
  const [item] = responseOf(events.at(-1)).output;
  assert.ok(item?.type === 'custom_tool_call');
  assert.deepEqual([item.name, item.input, item.call_id], ['patch', 'a\nb🦊', 'toolu_0']);
  assert.match(lastTurn().tools[0]?.description ?? '', /grammar \(lark\):\n\nstart: X/);
  service.pool.answer = of(...textTurn('done'));
  const output = { type: 'custom_tool_call_output', call_id: 'toolu_0', output: 'applied' };
  assert.equal((await create({ tools, input: [{ role: 'user', content: 'go' }, item, output] })).status, 200);
  assert.deepEqual(lastTurn().history[1]?.content, [
    { type: 'tool_use', id: 'toolu_0', name: 'patch', input: { input: 'a\nb🦊' } },
  ]);
  assert.deepEqual(lastTurn().message.content, [{ type: 'tool_result', tool_use_id: 'toolu_0', content: 'applied' }]);
});

test('tools of a namespace are called under their own name', async () => {
  service.pool.answer = of<TurnEvent[]>(
    start,
    { type: 'tool-call-start', index: 0, id: 'toolu_0', name: 'files__read' },
    finish('tool-calls'),
  );
  const read = { type: 'function', name: 'read', parameters: { type: 'object', properties: {} } };
  const { body, headers } = await create({
    tools: [{ type: 'namespace', name: 'files', description: '', tools: [read] }, { type: 'web_search' }],
  });
  const [item] = body.output;
  assert.ok(item?.type === 'function_call');
  assert.deepEqual([item.name, item.namespace], ['read', 'files']);
  assert.equal(headers.get('x-claude-code-ignored'), 'tools (web_search is not available)');
});

test('a tool that is not available is refused only where it is forced', async () => {
  const { status, body } = await create({ tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } });
  assert.deepEqual([status, body.error?.code, body.error?.param], [400, 'unsupported_parameter', 'tool_choice']);
});

test('encrypted reasoning goes back to the model with its signature, and a changed or foreign one is refused', async () => {
  service.pool.answer = of(...thoughtTurn);
  const { body } = await create({
    store: false,
    include: ['reasoning.encrypted_content'],
    reasoning: { effort: 'high' },
  });
  const [reasoning, message] = body.output;
  assert.ok(reasoning?.type === 'reasoning' && typeof reasoning.encrypted_content === 'string');
  assert.deepEqual(reasoning.summary, [{ type: 'summary_text', text: 'Hm.' }]);
  service.pool.answer = of(...textTurn('again'));
  const user = { role: 'user', content: 'hello' };
  const next = (item: object): Promise<Sent> =>
    create({ store: false, reasoning: { effort: 'high' }, input: [user, item, message, { role: 'user', content: 'and?' }] }); // prettier-ignore
  assert.equal((await next(reasoning)).status, 200);
  assert.deepEqual(lastTurn().history[1]?.content[0], { type: 'thinking', thinking: 'Hm.', signature: 'sig' });
  const sealed = reasoning.encrypted_content;
  const at = sealed.length - 5;
  const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
  for (const blob of [changed, 'gAAAAABo', `v1.${'A'.repeat(100)}`]) {
    const { status, body: refused } = await next({ ...reasoning, encrypted_content: blob });
    assert.deepEqual([status, refused.error?.code], [400, 'invalid_encrypted_content']);
    assert.equal(refused.error?.param, 'input[1].encrypted_content');
  }
});

test('a response is read as it was answered, with its input, until it is deleted', async () => {
  service.pool.answer = of(...thoughtTurn);
  const { body } = await create({ instructions: 'Be brief.', metadata: { a: 'b' } });
  assert.deepEqual((await request('GET', `/${body.id}`)).body, body);
  const items = (await request('GET', `/${body.id}/input_items`)).body as unknown as { data: { content: unknown }[] };
  assert.deepEqual(items.data.map(({ content }) => content), [[{ type: 'input_text', text: 'hello' }]]); // prettier-ignore
  assert.deepEqual((await request('DELETE', `/${body.id}`)).body, { id: body.id, object: 'response', deleted: true });
  for (const path of [`/${body.id}`, `/${body.id}/input_items`]) {
    const gone = await request('GET', path);
    assert.deepEqual([gone.status, gone.body.error?.code], [404, 'response_not_found']);
  }
  const { status, body: refused } = await create({ previous_response_id: body.id });
  assert.deepEqual(
    [status, refused.error?.code, refused.error?.param],
    [400, 'previous_response_not_found', 'previous_response_id'],
  );
});

test('a streamed response is stored as it ended', async () => {
  service.pool.answer = of(...textTurn('one'));
  const last = responseOf((await stream({})).at(-1));
  assert.deepEqual((await request('GET', `/${last.id}`)).body, last);
});

test('store: false leaves nothing', async () => {
  service.pool.answer = of(...textTurn('one'));
  const { body, headers } = await create({ store: false });
  assert.equal(headers.get('x-conversation-id'), null);
  assert.equal((await request('GET', `/${body.id}`)).status, 404);
});

test('a chain goes on in one conversation, and instructions are not inherited', async () => {
  service.pool.answer = of(...textTurn('one'));
  const first = await create({ instructions: 'A', input: [{ role: 'developer', content: 'D' }, { role: 'user', content: '1' }] }); // prettier-ignore
  service.pool.answer = of(...textTurn('two'));
  const second = await create({ previous_response_id: first.body.id, input: '2', instructions: 'B' });
  assert.equal(second.headers.get('x-conversation-id'), first.headers.get('x-conversation-id'));
  assert.deepEqual(lastTurn().system, ['B', 'D']);
  service.pool.answer = of(...textTurn('three'));
  await create({ previous_response_id: second.body.id, input: '3' });
  assert.deepEqual(lastTurn().system, ['D']);
  assert.deepEqual(texts(lastTurn()), ['1', 'one', '2', 'two', '3']);
});

test('what goes on from the middle is a branch of its own', async () => {
  service.pool.answer = of(...textTurn('one'));
  const first = await create({ input: '1' });
  service.pool.answer = of(...textTurn('two'));
  await create({ previous_response_id: first.body.id, input: '2' });
  service.pool.answer = of(...textTurn('other'));
  const branch = await create({ previous_response_id: first.body.id, input: '2b' });
  assert.notEqual(branch.headers.get('x-conversation-id'), first.headers.get('x-conversation-id'));
  assert.deepEqual(texts(lastTurn()), ['1', 'one', '2b']);
  service.pool.answer = of(...textTurn('more'));
  const further = await create({ previous_response_id: branch.body.id, input: '3b' });
  assert.deepEqual(texts(lastTurn()), ['1', 'one', '2b', 'other', '3b']);
  assert.equal(further.headers.get('x-conversation-id'), branch.headers.get('x-conversation-id'));
});

test('two that go on from the same response at once are two branches', async () => {
  service.pool.answer = of(...textTurn('one'));
  const first = await create({ input: '1' });
  service.pool.answer = of(...textTurn('two'));
  const both = await Promise.all(['2', '2b'].map((input) => create({ previous_response_id: first.body.id, input })));
  assert.deepEqual(both.map(({ status }) => status), [200, 200]); // prettier-ignore
  assert.equal(new Set(both.map(({ headers }) => headers.get('x-conversation-id'))).size, 2);
  assert.deepEqual(service.pool.turns.slice(-2).map((turn) => texts(turn).slice(0, 2)), [['1', 'one'], ['1', 'one']]); // prettier-ignore
});

test('items are referred to by their ids; one that is not stored is a 404', async () => {
  service.pool.answer = of(...thoughtTurn);
  const { body } = await create({ reasoning: { effort: 'high' } });
  service.pool.answer = of(...textTurn('again'));
  const references = body.output.map(({ id }) => ({ type: 'item_reference', id }));
  const input = [{ role: 'user', content: 'hello' }, ...references, { role: 'user', content: 'and?' }];
  assert.equal((await create({ input, reasoning: { effort: 'high' } })).status, 200);
  assert.deepEqual(lastTurn().history[1]?.content, [
    { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
    { type: 'text', text: 'Yes.' },
  ]);
  const { status, body: refused } = await create({ input: [{ type: 'item_reference', id: 'msg_1' }] });
  assert.deepEqual([status, refused.error?.code, refused.error?.param], [404, 'item_not_found', 'input[0]']);
});

test('a response adds to the conversation that it names', async () => {
  const conversation = (await (
    await fetch(`${service.url}/v1/conversations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items: [{ role: 'user', content: 'before' }] }),
    })
  ).json()) as { id: string };
  service.pool.answer = of(...textTurn('one'));
  const { body } = await create({ conversation: conversation.id });
  assert.deepEqual(body['conversation'], { id: conversation.id });
  assert.deepEqual(texts(lastTurn()), ['before', 'hello']);
  const both = await create({ conversation: conversation.id, previous_response_id: body.id });
  assert.deepEqual([both.status, both.body.error?.param], [400, 'previous_response_id']);
  const unknown = await create({ conversation: { id: 'conv_1' } });
  assert.deepEqual([unknown.status, unknown.body.error?.param], [404, 'conversation']);
  await request('DELETE', `/${body.id}`);
  assert.equal((await service.get(`/v1/conversations/${conversation.id}`)).status, 200);
});

test('what cannot be honoured is refused, and what has no effect is named', async () => {
  service.pool.answer = of(...textTurn('one'));
  const named = await create({ user: 'u', text: { verbosity: 'low' }, max_tool_calls: 2, client_metadata: {}, x: 1 });
  assert.equal(named.headers.get('x-claude-code-ignored'), 'user, max_tool_calls, client_metadata, text.verbosity, x');
  for (const field of [{ background: true }, { prompt: { id: 'p' } }, { top_logprobs: 2 }]) {
    const { status, body } = await create(field);
    assert.deepEqual([status, body.error?.param, body.error?.code], [400, Object.keys(field)[0], 'unsupported_parameter']); // prettier-ignore
  }
});

test('a failure before the first piece is an HTTP error; one after it ends the stream with response.failed', async () => {
  service.pool.answer = concat(of(start), throwError(() => new UpstreamError(429, 'slow down', 27))); // prettier-ignore
  const { status, body, headers } = await create({ stream: true });
  assert.deepEqual([status, body.error?.code, headers.get('retry-after')], [429, 'rate_limit_exceeded', '27']);
  const piece: TurnEvent = { type: 'text-delta', text: 'one' };
  for (const [failure, code, message] of [
    [new UpstreamError(429, 'slow down', 27), 'rate_limit_exceeded', /Please try again in 27s\.$/],
    [new CliCrashedError(null, 'SIGKILL', 'the end of stderr'), 'cli_failed', /^(?!.*stderr)/],
  ] as const) {
    service.pool.answer = concat(of(start, piece), throwError(() => failure)); // prettier-ignore
    const events = await stream({});
    const last = events.at(-1);
    assert.equal(last?.type, 'response.failed');
    const { error, status: ended, output } = responseOf(last);
    assert.deepEqual([ended, error?.code, output.length], ['failed', code, 1]);
    assert.match(error?.message ?? '', message);
  }
});

test('a context that is too long is about the input', async () => {
  service.pool.answer = throwError(() => new UpstreamError(400, 'prompt is too long: 1 tokens > 0 maximum'));
  const { body } = await create({});
  assert.deepEqual([body.error?.code, body.error?.param], ['context_length_exceeded', 'input']);
});

for (const stream of [false, true]) {
  test(`a client that leaves ends its turn, ${stream ? 'streamed' : 'whole'}`, async () => {
    service.pool.answer = concat(of<TurnEvent[]>(start, { type: 'text-delta', text: 'one' }), NEVER);
    const client = new AbortController();
    const pending = fetch(`${service.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sonnet', input: 'hello', stream }),
      signal: client.signal,
    }).then((response) => response.text());
    await waitFor('the turn', () => service.pool.running === 1);
    client.abort();
    await assert.rejects(pending, { name: 'AbortError' });
    await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  });
}

test('the response cache gives a response again under an id of its own', async () => {
  const cached = await TestApplication.start({ CACHE__ENABLED: 'true' });
  cached.pool.answer = of(...textTurn('one'));
  const post = async (): Promise<[string | null, ResponseObject]> => {
    const response = await fetch(`${cached.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sonnet', input: 'hello' }),
    });
    return [response.headers.get('x-cache'), (await response.json()) as ResponseObject];
  };
  const [[first, made], [second, repeated]] = [await post(), await post()];
  const stored = await cached.get(`/v1/responses/${repeated.id}`);
  await cached.stop();
  assert.deepEqual([first, second, cached.pool.turns.length], ['miss', 'hit', 1]);
  assert.notEqual(made.id, repeated.id);
  assert.equal(stored.status, 200);
});

function texts({ history, message }: Turn): string[] {
  return [...history, message].flatMap(({ content }) =>
    content.map((block) => (block.type === 'text' ? block.text : block.type)),
  );
}

test('another key has none of it: neither the response, nor its chain, its items or its reasoning', async () => {
  const keys = [generateKey(), generateKey()];
  const entries = keys.map((key, index) => ({ name: `key-${index}`, sha256: digestOf(key).toString('hex') }));
  const closed = await TestApplication.start({ AUTH__KEYS: JSON.stringify(entries) });
  closed.pool.answer = of(...thoughtTurn);
  const post = async (key: string, more: object): Promise<Sent> => {
    const response = await fetch(`${closed.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'sonnet', input: 'hello', reasoning: { effort: 'high' }, ...more }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Sent['body'] };
  };
  const [own = '', other = ''] = keys;
  const { body } = await post(own, { include: ['reasoning.encrypted_content'] });
  const read = async (key: string): Promise<number> =>
    (await closed.get(`/v1/responses/${body.id}`, { authorization: `Bearer ${key}` })).status;
  const refused: [number, string | undefined][] = [];
  for (const more of [
    { previous_response_id: body.id },
    { input: [{ type: 'item_reference', id: body.output[1]?.id }] },
    { input: [{ role: 'user', content: 'hello' }, ...body.output, { role: 'user', content: 'and?' }] },
  ]) {
    const { status, body: answer } = await post(other, more);
    refused.push([status, answer.error?.code]);
  }
  const statuses = [await read(own), await read(other)];
  await closed.stop();
  assert.deepEqual(statuses, [200, 404]);
  assert.deepEqual(refused, [
    [400, 'previous_response_not_found'],
    [404, 'item_not_found'],
    [400, 'invalid_encrypted_content'],
  ]);
});

test('the limits of a key hold here too', async () => {
  const key = generateKey();
  const limited = await TestApplication.start({
    AUTH__KEYS: JSON.stringify([{ name: 'key', sha256: digestOf(key).toString('hex'), max_simultaneous: 1 }]),
  });
  const send = (): Promise<Response> =>
    fetch(`${limited.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'sonnet', input: 'hello', stream: true }),
    });
  limited.pool.answer = concat(of(...textTurn('one').slice(0, 3)), NEVER);
  const running = await send();
  const refused = await send();
  const { error } = (await refused.json()) as { error: { code: string } };
  await running.body?.cancel();
  await limited.stop();
  assert.deepEqual([running.status, refused.status, typeof error.code], [200, 429, 'string']);
});

test('one conversation goes on through chat and responses in turn', async () => {
  service.pool.answer = of(...textTurn('one'));
  const first = await service.post({ model: 'sonnet', messages: [{ role: 'user', content: '1' }] });
  const { conversation_id: conversation } = (await first.json()) as { conversation_id: string };
  service.pool.answer = of(...textTurn('two'));
  await create({ conversation, input: '2', instructions: 'B' });
  service.pool.answer = of(...textTurn('three'));
  await service.post({ model: 'sonnet', conversation_id: conversation, messages: [{ role: 'user', content: '3' }] });
  assert.deepEqual(texts(lastTurn()), ['1', 'one', '2', 'two', '3']);
  assert.deepEqual(lastTurn().system, []);
});

test('what is not offered says so', async () => {
  service.pool.answer = of(...textTurn('one'));
  const { body } = await create({});
  const cancelled = await request('POST', `/${body.id}/cancel`, {});
  assert.equal(cancelled.status, 400);
  for (const path of ['/compact', '/input_tokens']) {
    const { status, body: refused } = await request('POST', path, { model: 'sonnet', input: 'x' });
    assert.deepEqual([status, refused.error?.code], [404, 'unknown_url']);
  }
});

test('a silent stream is begun after a while; a failure then is told as events', async () => {
  const impatient = await TestApplication.start({ SERVER__KEEP_ALIVE_SECONDS: '0.02' });
  const turn = new Subject<TurnEvent>();
  impatient.pool.answer = turn;
  const response = await fetch(`${impatient.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', input: 'hello', stream: true }),
  });
  assert.equal(response.status, 200);
  turn.error(new UpstreamError(529, 'overloaded'));
  const events = responseEvents((await response.text()).replaceAll(': keep-alive\n\n', ''));
  await impatient.stop();
  assert.deepEqual(types(events), ['created', 'in_progress', 'failed']);
  assert.equal(assertWholeStream(events).error?.code, 'upstream_overloaded');
});

test('where fields without effect are refused, they are refused by their names', async () => {
  const strict = await TestApplication.start({ CLAUDE__STRICT_PARAMETERS: 'true' });
  const response = await fetch(`${strict.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', input: 'hello', tools: [{ type: 'web_search' }] }),
  });
  const { error } = (await response.json()) as { error: { param: string; code: string } };
  await strict.stop();
  assert.deepEqual([response.status, error.param, error.code], [400, 'tools', 'unsupported_parameter']);
});

test('numbers keep their digits, also in the schema of a tool of a namespace', async () => {
  service.pool.answer = of(...textTurn('one'));
  const response = await fetch(`${service.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"model":"sonnet","input":"hello","tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f",
      "parameters":{"type":"object","properties":{"a":{"default":12345678901234567890}}}}]}]}`,
  });
  assert.equal(response.status, 200);
  assert.deepEqual(lastTurn().tools[0]?.inputSchema['properties'], { a: { default: '12345678901234567890' } });
});
