// Guarantee: Anthropic's own client talks to the service as to its API: what it sends reaches the model as what it is, thinking
// and its signatures included, and what comes back is what the model said.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import type {
  ContentBlockParam,
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
  RawMessageStreamEvent,
  Tool,
} from '@anthropic-ai/sdk/resources/messages';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { assertTrueHistory, weatherOf, WEATHER_SCHEMA, weatherScript } from '../conformance/weather-script.ts';
import { Gateway } from '../support/gateway.ts';
import { PDF, png } from '../support/media-samples.ts';
import { failure, systemTexts, text, type ScriptedBlock } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';
import { weather, WEATHER_NAME, weatherTool } from '../support/weather-tool.ts';

const MODEL = 'claude-haiku-4-5';
let gateway: Gateway;
let client: Anthropic;
beforeAll(async () => {
  gateway = await Gateway.start();
  client = new Anthropic({ baseURL: gateway.url, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(text('understood'));
});

const tool: Tool = {
  name: weather.name,
  description: weather.description ?? '',
  input_schema: weather.inputSchema as Tool['input_schema'],
};

/** Fields that the API has and the types of the client have not any more. */
interface Sampling {
  readonly temperature?: number;
  readonly top_k?: number;
}

function ask(more: Partial<MessageCreateParamsNonStreaming> & Sampling = {}): MessageCreateParamsNonStreaming {
  return { model: MODEL, max_tokens: 4096, messages: [{ role: 'user', content: 'hello' }], ...more };
}

/** What the client makes of an answer, whole or streamed. */
async function answered(form: string, request: MessageCreateParamsNonStreaming): Promise<Message> {
  return form === 'whole' ? client.messages.create(request) : client.messages.stream(request).finalMessage();
}

/** The role and content of each message as it reached the model, without marks for the cache. */
function reached(): [string, ContentBlockParam[]][] {
  return gateway.api.last.body.messages.map(({ role, content }) => {
    assert.ok(Array.isArray(content));
    const blocks = content.map((block) => {
      const { cache_control: _mark, ...rest } = block as ContentBlockParam & { cache_control?: unknown };
      return rest;
    });
    return [role, blocks];
  });
}

for (const form of ['whole', 'streamed']) {
  test(`an answer has its text, its usage and its model, ${form}`, async () => {
    gateway.api.respond(text('one two three'));
    const message = await answered(form, ask({ system: 'Be brief.', temperature: 0.5, top_k: 40 }));
    assert.deepEqual(message.content, [{ type: 'text', text: 'one two three', citations: null }]);
    assert.deepEqual([message.role, message.model, message.stop_reason], ['assistant', MODEL, 'end_turn']);
    const { input_tokens: input, output_tokens: output, cache_read_input_tokens: read } = message.usage;
    assert.deepEqual([input, output, read], [11, 7, 5]);
    const { body } = gateway.api.last;
    assert.deepEqual(systemTexts(body), ['Be brief.']);
    assert.deepEqual([body['temperature'], body['top_k'], body.max_tokens], [0.5, 40, 4096]);
    assert.deepEqual(reached(), [['user', [{ type: 'text', text: 'hello' }]]]);
  });
}

test('a stream tells at its start what the prompt took, and gives the pieces as they come', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const events: RawMessageStreamEvent[] = [];
  for await (const event of await client.messages.create({ ...ask(), stream: true })) events.push(event);
  const [start] = events;
  assert.ok(start?.type === 'message_start');
  assert.deepEqual([start.message.usage.input_tokens, start.message.usage.cache_read_input_tokens], [11, 5]);
  const pieces = events.flatMap((event) =>
    event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : [],
  );
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
});

const STEPS = [['Paris', 'Rome'], ['Oslo'], ['Bern']];

for (const form of ['whole', 'streamed']) {
  test(`a loop of three steps with parallel calls and thinking is one true history, ${form}`, async () => {
    const thought = (step: number): ScriptedBlock => ({
      type: 'thinking',
      thinking: `thought ${step}`,
      signature: `signature-${step}`,
    });
    const said = (step: number): string => `Step ${step}.`;
    gateway.api.respond(({ body }) => {
      const step = body.messages.filter(({ role }) => role === 'assistant').length;
      const calls = (STEPS[step] ?? []).map((city): ScriptedBlock => {
        return { type: 'tool_use', name: WEATHER_NAME, input: { city }, id: `toolu_${city}` };
      });
      return { kind: 'message', content: [thought(step), { type: 'text', text: said(step) }, ...calls] };
    });
    const messages: MessageParam[] = [{ role: 'user', content: 'weather?' }];
    const thinking = { type: 'enabled', budget_tokens: 2048 } as const;
    for (;;) {
      const answer = await answered(form, ask({ messages, tools: [tool], thinking }));
      messages.push({ role: 'assistant', content: answer.content });
      if (answer.stop_reason !== 'tool_use') break;
      messages.push({
        role: 'user',
        content: answer.content.flatMap((block) =>
          block.type === 'tool_use'
            ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: `sunny in ${(block.input as { city: string }).city}` }]
            : [],
        ),
      });
    }
    assert.equal(gateway.api.requests.length, 4);
    assert.deepEqual(gateway.api.last.body['thinking'], { type: 'enabled', budget_tokens: 2048 });
    const blocksOf = (step: number, name: string): object[] => [
      { type: 'thinking', thinking: `thought ${step}`, signature: `signature-${step}` },
      { type: 'text', text: said(step) },
      ...(STEPS[step] ?? []).map((city) => ({ type: 'tool_use', id: `toolu_${city}`, name, input: { city } })),
    ];
    const steps = STEPS.flatMap((cities, step) => [
      ['assistant', blocksOf(step, WEATHER_NAME)],
      ['user', cities.map((city) => ({ type: 'tool_result', tool_use_id: `toolu_${city}`, content: `sunny in ${city}` }))],
    ]);
    assert.deepEqual(reached(), [['user', [{ type: 'text', text: 'weather?' }]], ...steps]);
    // What the client was given, beside fields of its own: the same blocks under its own name of the tool.
    const given = (messages.at(-1)!.content as ContentBlockParam[]).map(({ citations: _c, ...block }: ContentBlockParam & { citations?: unknown }) => block);
    assert.deepEqual(given, blocksOf(3, weather.name));

    // Another process, which has never seen this conversation, is given the same thinking.
    const before = reached();
    const elsewhere = await Gateway.start({ api: gateway.api });
    const stranger = new Anthropic({ baseURL: elsewhere.url, apiKey: 'none', maxRetries: 0 });
    await stranger.messages.create(ask({ messages: messages.slice(0, -1), tools: [tool], thinking }));
    assert.deepEqual(reached(), before);
    await elsewhere.stop();
  });
} // prettier-ignore

for (const form of ['whole', 'streamed']) {
  test(`thinking that only the provider can read comes and goes back, ${form}`, async () => {
    const redacted = { type: 'redacted_thinking', data: 'c2VjcmV0' } as const;
    gateway.api.respondOnce({
      kind: 'message',
      content: [
        { type: 'raw', start: redacted },
        { type: 'text', text: 'Yes.' },
      ],
    });
    const thinking = { type: 'enabled', budget_tokens: 1024 } as const;
    const first = await answered(form, ask({ thinking }));
    assert.deepEqual(first.content[0], redacted);
    await answered(
      form,
      ask({
        thinking,
        messages: [
          { role: 'user', content: 'hello' },
          { role: 'assistant', content: first.content },
          { role: 'user', content: 'sure?' },
        ],
      }),
    );
    assert.deepEqual(reached()[1]?.[1], [redacted, { type: 'text', text: 'Yes.' }]);
  });

  test(`a call without arguments is an empty object, and a forced tool is forced, ${form}`, async () => {
    gateway.api.respond(({ body }) => ({
      kind: 'message',
      content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: {}, json: '' }],
    }));
    const choice = { type: 'tool', name: weather.name, disable_parallel_tool_use: true } as const;
    const answer = await answered(form, ask({ tools: [tool], tool_choice: choice }));
    assert.equal(answer.stop_reason, 'tool_use');
    const [block] = answer.content;
    assert.deepEqual(block?.type === 'tool_use' && [block.name, block.input], [weather.name, {}]);
    assert.deepEqual(gateway.api.last.body['tool_choice'], { ...choice, name: WEATHER_NAME });
  });

  test(`a stop sequence ends the answer and is named, ${form}`, async () => {
    gateway.api.respond(text('one two', { stopReason: 'stop_sequence', stopSequence: 'END' }));
    const answer = await answered(form, ask({ stop_sequences: ['END'] }));
    assert.deepEqual([answer.stop_reason, answer.stop_sequence], ['stop_sequence', 'END']);
    assert.deepEqual(gateway.api.last.body['stop_sequences'], ['END']);
  });

  test(`an answer that is cut at its limit says so, ${form}`, async () => {
    gateway.api.respond(text('one two', { stopReason: 'max_tokens' }));
    const answer = await answered(form, ask({ max_tokens: 16 }));
    assert.equal(answer.stop_reason, 'max_tokens');
    assert.equal(gateway.api.last.body.max_tokens, 16);
  });

  test(`a format holds the answer to its schema, ${form}`, async () => {
    gateway.api.respond(text('{"city":"Oslo"}'));
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
    const answer = await answered(form, ask({ output_config: { format: { type: 'json_schema', schema } } }));
    assert.deepEqual(answer.content, [{ type: 'text', text: '{"city":"Oslo"}', citations: null }]);
    assert.deepEqual(gateway.api.last.body['output_config'], { format: { type: 'json_schema', schema } });
  }); // prettier-ignore
}

test('images, documents and search results reach the model, in messages and in results of calls', async () => {
  const picture = {
    type: 'image' as const,
    source: { type: 'base64' as const, media_type: 'image/png' as const, data: png(3, 2).toString('base64') },
  };
  const pdf = { type: 'base64' as const, media_type: 'application/pdf' as const, data: PDF.toString('base64') };
  const plain = { type: 'text' as const, media_type: 'text/plain' as const, data: 'a page' };
  await client.messages.create(
    ask({
      tools: [tool],
      messages: [
        { role: 'user', content: 'look' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: weather.name, input: { city: 'Rome' } }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'and this' },
            { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'see' }, picture] },
            picture,
            { type: 'document', title: 'a.pdf', context: 'of mine', source: pdf },
            { type: 'document', source: plain },
            { type: 'search_result', title: 'T', source: 'https://a.test', content: [{ type: 'text', text: 'found' }] },
          ],
        },
      ],
    }),
  ); // prettier-ignore
  assert.deepEqual(reached().at(-1)?.[1], [
    { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'see' }, picture] },
    { type: 'text', text: 'and this' },
    picture,
    { type: 'document', title: 'a.pdf', context: 'of mine', source: pdf },
    { type: 'document', source: plain },
    { type: 'text', text: 'T\nhttps://a.test\nfound' },
  ]);
});

test('a history in any order is arranged, and a prefill is asked to be continued', async () => {
  await client.messages.create(
    ask({
      tools: [tool],
      messages: [
        { role: 'user', content: 'one' },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_lost', content: 'late' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: weather.name, input: {} }] },
        { role: 'assistant', content: 'Well,' },
      ].slice(0, 3).concat([{ role: 'user', content: 'and?' }, { role: 'assistant', content: 'Well,' }]) as MessageParam[],
    }),
  ); // prettier-ignore
  const spoken = reached();
  assert.deepEqual(spoken.map(([role]) => role), ['user', 'assistant', 'user', 'assistant', 'user']); // prettier-ignore
  assert.match(JSON.stringify(spoken[0]), /one.*Result of the tool call \\"toolu_lost\\":.*late/);
  assert.match(JSON.stringify(spoken[2]), /tool_result.*toolu_1.*No result was given.*and\?/);
  assert.deepEqual(spoken[4]?.[1], [{ type: 'text', text: 'Continue.' }]);
});

for (const form of ['whole', 'streamed']) {
  test(`the tool runner works a loop off, ${form}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const run = betaTool({
      name: 'get_weather',
      description: 'The weather of a city',
      inputSchema: WEATHER_SCHEMA,
      run: ({ city }) => weatherOf(String(city)),
    });
    const messages = [{ role: 'user' as const, content: 'weather?' }];
    const request = { model: MODEL, max_tokens: 4096, tools: [run], messages, stream: form === 'streamed' };
    const answer = await client.beta.messages.toolRunner(request).runUntilDone();
    assert.deepEqual(
      answer.content.map((block) => (block.type === 'text' ? block.text : block.type)),
      ['Heard: sunny in Paris, sunny in Rome, sunny in Oslo, sunny in Bern'],
    );
    assertTrueHistory(gateway.api.last.body, 'weather?', STEPS);
  });
}

/** How the process came to its turn, as the response says. */
const tierOf = (response: Response): string | undefined =>
  /lease;desc="(\w+)"/.exec(response.headers.get('server-timing') ?? '')?.[1];

test('a conversation that goes on through both doors in turn is one true history, on the process that holds it', async () => {
  const { response: first } = await client.messages.create(ask({ tools: [tool] })).withResponse();
  const id = first.headers.get('x-conversation-id') ?? '';
  const headers = { 'x-conversation-id': id };
  gateway.api.respondOnce({
    kind: 'message',
    content: [{ type: 'tool_use', name: WEATHER_NAME, input: { city: 'Oslo' }, id: 'toolu_Oslo' }],
  });
  const chat = { model: MODEL, conversation_id: id, tools: [weatherTool] };
  const second = await gateway.post({ ...chat, messages: [{ role: 'user', content: 'weather?' }] });
  assert.match(await second.text(), /"finish_reason":"tool_calls"/);
  const result = { type: 'tool_result' as const, tool_use_id: 'toolu_Oslo', content: 'sunny' };
  const { response: third } = await client.messages
    .create(ask({ tools: [tool], messages: [{ role: 'user', content: [result] }] }), { headers })
    .withResponse();
  assert.deepEqual([tierOf(second), tierOf(third)], ['live', 'live']);
  assert.deepEqual(reached(), [
    ['user', [{ type: 'text', text: 'hello' }]],
    ['assistant', [{ type: 'text', text: 'understood' }]],
    ['user', [{ type: 'text', text: 'weather?' }]],
    ['assistant', [{ type: 'tool_use', id: 'toolu_Oslo', name: WEATHER_NAME, input: { city: 'Oslo' } }]],
    ['user', [result]],
  ]);
});

test('a history that one door has begun is known when the other one tells it', async () => {
  const { response: first, data } = await client.messages.create(ask()).withResponse();
  const messages = [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'understood' },
    { role: 'user', content: 'and?' },
  ];
  assert.equal(data.content[0]?.type, 'text');
  const second = await gateway.post({ model: MODEL, max_tokens: 4096, messages });
  await second.text();
  assert.deepEqual([first.status, second.status, tierOf(second)], [200, 200, 'live']);
});

test('errors have the classes that the client knows, with the id of the request', async () => {
  const refused = client.messages.create({ ...ask(), max_tokens: undefined as unknown as number });
  await assert.rejects(refused, (error: unknown) => {
    assert.ok(error instanceof Anthropic.BadRequestError, String(error));
    assert.match(error.requestID ?? '', /^req_/);
    const body = error.error as { error: object; request_id: string };
    assert.deepEqual(body.error, { type: 'invalid_request_error', message: 'max_tokens: Field required' });
    assert.equal(body.request_id, error.requestID);
    return true;
  });
  await assert.rejects(client.messages.create(ask({ model: 'gpt-nothing' })), Anthropic.NotFoundError);
  await assert.rejects(
    client.messages.countTokens({ model: MODEL, messages: ask().messages }),
    Anthropic.NotFoundError,
  );
  assert.equal(gateway.api.requests.length, 0);
  gateway.api.respondOnce(failure(400, { message: 'messages: the model refuses this' }));
  await assert.rejects(client.messages.create(ask()), /messages: the model refuses this/);
});

test('the models are listed and described in the shape that the client reads', async () => {
  const ids: string[] = [];
  for await (const { id, display_name: name } of client.models.list()) {
    assert.ok(name.length > 0);
    ids.push(id);
  }
  assert.ok(ids.includes('sonnet') && ids.some((id) => id.startsWith('claude-')), ids.join());
  assert.equal((await client.models.retrieve('sonnet')).type, 'model');
  await assert.rejects(client.models.retrieve('nothing'), Anthropic.NotFoundError);
});

test('an answer that breaks off is an error of the stream', async () => {
  gateway.api.respond(text('one two three', { fault: { afterDeltas: 1, kind: 'cut' } }));
  const stream = client.messages.stream(ask());
  await assert.rejects(stream.finalMessage(), (error: unknown) => {
    assert.ok(error instanceof Anthropic.APIError, String(error));
    assert.equal((error.error as { error: { type: string } }).error.type, 'api_error');
    return true;
  });
});

for (const form of ['whole', 'streamed']) {
  test(`a client that leaves ends the request to the model, ${form}`, async () => {
    gateway.api.respond(text('one '.repeat(500), { deltaDelayMs: 20 }));
    const leaving = new AbortController();
    const request = client.messages.create({ ...ask(), stream: form === 'streamed' }, { signal: leaving.signal });
    const left = (async () => {
      const answer = await request;
      if (Symbol.asyncIterator in answer) for await (const _event of answer) leaving.abort();
    })();
    await gateway.api.until((api) => api.requests.length === 1);
    if (form === 'whole') leaving.abort();
    await left.catch((error: unknown) => assert.ok(error instanceof Anthropic.APIUserAbortError, String(error)));
    await waitFor('the request to end upstream', () => gateway.api.last.outcome === 'cancelled');
  });
}
