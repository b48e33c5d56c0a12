// Guarantee: the openai package gets streams, events and their ends as from OpenAI, and a stream that it leaves is over.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { APIError, APIUserAbortError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { ask, Gateway } from '../support/gateway.ts';
import { text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';
import { assertTrueHistory, weatherOf, weatherScript, WEATHER_SCHEMA } from './weather-script.ts';

const QUESTION = 'How is the weather?';
const STEPS = [['Paris', 'Rome'], ['Oslo']];
const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

const client = (): ReturnType<Gateway['client']> => gateway.client({ fetch: probe.fetch });

test('a stream gives its pieces, its reason and, if asked for, its usage', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const stream = await client().chat.completions.create({
    ...ask('x'),
    stream: true,
    stream_options: { include_usage: true },
  });
  const pieces: string[] = [];
  const reasons: string[] = [];
  let total = 0;
  for await (const { choices, usage } of stream) {
    pieces.push(...choices.flatMap(({ delta }) => delta.content || []));
    reasons.push(...choices.flatMap(({ finish_reason: reason }) => reason ?? []));
    total += usage?.total_tokens ?? 0;
  }
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.deepEqual(reasons, ['stop']);
  assert.equal(total, 26);
});

test('the stream helper tells its events and puts the completion together', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const runner = client().chat.completions.stream({ ...ask('x'), stream_options: { include_usage: true } });
  const deltas: string[] = [];
  const seen: string[] = [];
  runner
    .on('content.delta', ({ delta }) => deltas.push(delta))
    .on('content.done', ({ content }) => seen.push(content))
    .on('end', () => seen.push('end'));
  const completion = await runner.finalChatCompletion();
  assert.deepEqual(deltas, ['one ', 'two ', 'thre', 'e']);
  assert.deepEqual(seen, ['one two three', 'end']);
  assert.equal(completion.choices[0]?.message.content, 'one two three');
  assert.equal(completion.choices[0]?.finish_reason, 'stop');
  assert.equal((await runner.totalUsage()).total_tokens, 26);
});

test('the stream helper puts parallel calls together', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: WEATHER_SCHEMA } }];
  const runner = client().chat.completions.stream({ ...ask(QUESTION), tools });
  const done: [number, string][] = [];
  runner.on('tool_calls.function.arguments.done', ({ index, arguments: json }) => done.push([index, json]));
  const [choice] = (await runner.finalChatCompletion()).choices;
  assert.deepEqual(done, [
    [0, '{"city":"Paris"}'],
    [1, '{"city":"Rome"}'],
  ]);
  assert.equal(choice?.finish_reason, 'tool_calls');
  assert.equal(choice?.message.content, 'Step 0.');
  assert.deepEqual(
    choice?.message.tool_calls?.map(({ id, type }) => [id, type]),
    [
      ['toolu_Paris', 'function'],
      ['toolu_Rome', 'function'],
    ],
  );
});

test('runTools works calls off while it streams', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const runner = client().chat.completions.runTools({
    model: 'claude-haiku-4-5',
    stream: true,
    messages: [{ role: 'user', content: QUESTION }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather',
          parameters: WEATHER_SCHEMA,
          parse: JSON.parse as (input: string) => { city: string },
          function: ({ city }: { city: string }) => weatherOf(city),
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
  assert.equal(gateway.api.requests.length, 3);
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
});

test('the stream helper parses what it was given a zod schema for', async () => {
  gateway.api.respond(text('{"city":"Paris","degrees":21}', { deltaLength: 5 }));
  const Weather = z.object({ city: z.string(), degrees: z.number() });
  const runner = client().chat.completions.stream({
    ...ask('How is the weather in Paris?'),
    response_format: zodResponseFormat(Weather, 'weather'),
  });
  const [choice] = (await runner.finalChatCompletion()).choices;
  assert.deepEqual(choice?.message.parsed, { city: 'Paris', degrees: 21 });
});

test('a stream that is aborted ends upstream', async () => {
  gateway.api.respond(text('a long answer that goes on and on', { deltaLength: 3, deltaDelayMs: 100 }));
  const unchecked = gateway.client();
  const stream = await unchecked.chat.completions.create({ ...ask('x'), stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  await gateway.api.until(({ requests }) => requests[0]?.outcome === 'cancelled');

  const runner = unchecked.chat.completions.stream(ask('y'));
  runner.on('content.delta', () => runner.abort());
  await assert.rejects(runner.finalContent(), APIUserAbortError);
  await gateway.api.until(({ requests }) => requests[1]?.outcome === 'cancelled');
});

test('a request that is aborted before its answer ends upstream', async () => {
  gateway.api.respond({ kind: 'hang' });
  const abort = new AbortController();
  const request = client().chat.completions.create(ask('x'), { signal: abort.signal });
  await gateway.api.until(({ requests }) => requests.length === 1);
  abort.abort();
  await assert.rejects(request, APIUserAbortError);
  await gateway.api.until(({ requests }) => requests[0]?.outcome === 'cancelled');
});

test('a failure in mid-stream is thrown, with its code', async () => {
  gateway.api.respond(({ index }) =>
    index === 0
      ? text('hello world, this is all', { deltaDelayMs: 5, fault: { afterDeltas: 1, kind: 'error-event' } })
      : text('something else'),
  );
  const stream = await client().chat.completions.create({ ...ask('x'), stream: true });
  let content = '';
  await assert.rejects(
    async () => {
      for await (const chunk of stream) content += chunk.choices[0]?.delta.content ?? '';
    },
    (error: unknown) => error instanceof APIError && error.code === 'stream_interrupted',
  );
  assert.equal(content, 'hello world,');
});
