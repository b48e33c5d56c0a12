// Guarantee: tools that OpenAI takes and the Messages API does not are offered in a form that it takes, the client notices
// nothing of it, and a schema that is refused all the same is named by its place in the request.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import { failure, text, type MessagesRequestBody, type RecordedRequest } from '../support/scripted-messages-api.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());

interface FunctionTool {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly parameters: object };
}
const tool = (name: string, parameters: object): FunctionTool => ({ type: 'function', function: { name, parameters } });

const search = tool('search', {
  type: 'object',
  properties: {
    $top: { type: 'integer' },
    _top: { type: 'integer' },
    'filter[id]': { type: 'string' },
    '@where': {
      type: 'array',
      items: { type: 'object', properties: { $field: { type: 'string' } }, required: ['$field'] },
    },
    extra: { type: 'object' },
  },
  required: ['$top', '@where'],
});
const plain = tool('plain', { type: 'object', properties: { a: { type: 'string' } } });

const clientArguments = {
  $top: 5,
  _top: 6,
  'filter[id]': '@where "$top"',
  '@where': [{ $field: 'ü' }, { $field: '$field' }],
  extra: { _field: 1, _where: 2 },
};
const modelArguments = {
  _top_2: 5,
  _top: 6,
  filter_id_: '@where "$top"',
  _where: [{ _field: 'ü' }, { _field: '$field' }],
  extra: { _field: 1, _where: 2 },
};

/** The name of a tool as the model sees it. */
function seenName({ tools }: MessagesRequestBody, name: string): string {
  return tools?.find((offered) => offered.name.endsWith(`__${name}`))?.name ?? '';
}

/** Answers with a call, of a tool that the request offers. */
function calling(name: string, input: object, deltaLength: number) {
  return ({ body }: RecordedRequest) => ({
    kind: 'message' as const,
    content: [{ type: 'tool_use' as const, name: seenName(body, name), input, id: 'toolu_1' }],
    deltaLength,
  });
}

async function whole(body: object): Promise<ChatCompletion> {
  const response = await gateway.post(body);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as ChatCompletion;
}

async function streamedArguments(body: object): Promise<string[]> {
  const raw = await (await gateway.post({ ...body, stream: true })).text();
  assert.ok(raw.endsWith('data: [DONE]\n\n'), raw);
  const events = raw.split('\n\n').filter((event) => event.startsWith('data: {'));
  return events.flatMap((event) => {
    const { choices } = JSON.parse(event.slice(6)) as ChatCompletionChunk;
    return choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? [];
  });
}

function argumentsOf({ choices }: ChatCompletion): unknown {
  const [call] = choices[0]?.message.tool_calls ?? [];
  return call?.type === 'function' ? JSON.parse(call.function.arguments) : undefined;
}

for (const deltaLength of [1, 12, 10_000]) {
  test(`names that the Messages API refuses are others for the model, and the client’s in its calls, in deltas of ${deltaLength}`, async () => {
    gateway.api.respond(calling('search', modelArguments, deltaLength));
    const body = ask('x', { tools: [search, plain] });
    assert.deepEqual(argumentsOf(await whole(body)), clientArguments);
    assert.deepEqual(JSON.parse((await streamedArguments(body)).join('')), clientArguments);
    const schema = gateway.api.last.body.tools?.find(({ name }) => name.endsWith('__search'))?.input_schema;
    assert.deepEqual(schema, {
      type: 'object',
      properties: {
        _top_2: { title: '$top', type: 'integer' },
        _top: { type: 'integer' },
        filter_id_: { title: 'filter[id]', type: 'string' },
        _where: {
          title: '@where',
          type: 'array',
          items: { type: 'object', properties: { _field: { title: '$field', type: 'string' } }, required: ['_field'] },
        },
        extra: { type: 'object' },
      },
      required: ['_top_2', '_where'],
    });
  });
}

test('a tool beside it streams as the model gives it, to the character', async () => {
  gateway.api.respond(calling('plain', { a: '_top', _top: 1 }, 3));
  const pieces = await streamedArguments(ask('x', { tools: [search, plain] }));
  const json = '{"a":"_top","_top":1}';
  assert.deepEqual(pieces, ['', ...(json.match(/.{1,3}/g) ?? [])]);
});

const call = {
  id: 'toolu_1',
  type: 'function',
  function: { name: 'search', arguments: JSON.stringify(clientArguments) },
};
const result = { role: 'tool', tool_call_id: 'toolu_1', content: 'found' };

test('calls of the history have the names that the model knows, and go on on the same process', async () => {
  gateway.api.respond(text('done'));
  const messages = [{ role: 'user', content: 'x' }, { role: 'assistant', content: null, tool_calls: [call] }, result];
  const body = { model: 'claude-haiku-4-5', tools: [search, plain], messages };
  const answer = await whole(body);
  const [, assistant] = gateway.api.last.body.messages;
  assert.deepEqual(assistant?.content, [
    { type: 'tool_use', id: 'toolu_1', name: seenName(gateway.api.last.body, 'search'), input: modelArguments },
  ]);
  const next = [...messages, answer.choices[0]?.message, { role: 'user', content: 'more' }];
  const response = await gateway.post({ ...body, messages: next });
  assert.match(response.headers.get('server-timing') ?? '', /lease;desc="live"/);
  await response.text();
});

test('a stored conversation holds the client’s names, and is known to be live', async () => {
  gateway.api.respond(calling('search', modelArguments, 12));
  const first = await whole(ask('x', { tools: [search] }));
  const id = (first as { conversation_id?: string }).conversation_id ?? '';
  const items = (await (await fetch(`${gateway.url}/v1/conversations/${id}/items`)).json()) as { data: { type: string; arguments?: string }[] };
  const stored = items.data.find(({ type }) => type === 'function_call');
  assert.deepEqual(JSON.parse(stored?.arguments ?? ''), clientArguments);
  gateway.api.respond(text('done'));
  await whole({ model: 'claude-haiku-4-5', tools: [search], conversation_id: id, messages: [result] });
  const sent = JSON.stringify(gateway.api.last.body.messages);
  assert.ok(sent.includes(JSON.stringify(modelArguments)), sent);
  const conversation = (await (await fetch(`${gateway.url}/v1/conversations/${id}`)).json()) as { live?: boolean };
  assert.equal(conversation.live, true);
}); // prettier-ignore

test('a legacy function is offered and called in the same way', async () => {
  gateway.api.respond(calling('search', modelArguments, 12));
  const { choices } = await whole(ask('x', { functions: [search.function] }));
  assert.deepEqual(JSON.parse(choices[0]?.message.function_call?.arguments ?? ''), clientArguments);
});

const OLDER: [what: string, older: object, newer: object][] = [
  ['exclusive limits of draft-04', { n: { type: 'number', minimum: 0, exclusiveMinimum: true } }, { n: { type: 'number', exclusiveMinimum: 0 } }],
  ['tuples of draft-07', { n: { type: 'array', items: [{ type: 'string' }], additionalItems: false } }, { n: { type: 'array', prefixItems: [{ type: 'string' }], items: false } }],
]; // prettier-ignore
for (const [what, older, newer] of OLDER) {
  test(`a tool with ${what} is offered in terms of 2020-12`, async () => {
    gateway.api.respond(text('fine'));
    const $schema = 'http://json-schema.org/draft-04/schema#';
    await whole(ask('x', { tools: [tool('f', { $schema, type: 'object', properties: older }), plain] }));
    assert.equal(gateway.api.last.body.tools?.length, 2);
    assert.deepEqual(gateway.api.last.body.tools?.[0]?.input_schema, { type: 'object', properties: newer });
  });
}

test('a schema that is refused all the same is named by its place in the request, wherever the CLI has put it', async () => {
  const tools = ['zulu', 'Alpha', 'b_2', 'b-1'].map((name) => tool(name, { type: 'object', properties: {} }));
  for (const [
    index,
    {
      function: { name },
    },
  ] of tools.entries()) {
    gateway.api.respond(({ body }) => {
      const place = body.tools?.findIndex((offered) => offered.name.endsWith(`__${name}`));
      return failure(400, { message: `tools.${place}.custom.input_schema: JSON schema is invalid.` });
    });
    const response = await gateway.post(ask('x', { tools, stream: index % 2 === 0 }));
    assert.equal(response.status, 400);
    assert.deepEqual(((await response.json()) as { error: object }).error, {
      message: `Invalid schema for function '${name}': JSON schema is invalid.`,
      type: 'invalid_request_error',
      param: `tools[${index}].function.parameters`,
      code: 'invalid_function_parameters',
    });
  }
});

test('a tool of the operator that is refused is not taken for one of the client', async () => {
  const own = await Gateway.start({ settings: { CLAUDE__TOOLS: '["Read"]' } });
  own.api.respond(failure(400, { message: 'tools.0.custom.input_schema: JSON schema is invalid.' }));
  const refusal = await own.post(ask('x', { tools: [plain] }));
  assert.equal(((await refusal.json()) as { error: { code: string } }).error.code, 'upstream_invalid_request');
  own.api.respond(failure(400, { message: 'tools.1.custom.input_schema: JSON schema is invalid.' }));
  const ours = (await (await own.post(ask('x', { tools: [plain] }))).json()) as { error: { param: string } };
  assert.equal(ours.error.param, 'tools[0].function.parameters');
  await own.stop();
});
