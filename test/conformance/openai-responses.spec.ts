// Guarantee: the openai package gets responses as from OpenAI: create, stream, parse, retrieve, delete and their input items.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { z } from 'zod';
import { Gateway } from '../support/gateway.ts';
import { lastText, systemTexts, text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';
import { assertTrueHistory, weatherOf, weatherScript } from './weather-script.ts';

const MODEL = 'claude-haiku-4-5';
const QUESTION = 'How is the weather?';
const STEPS = [['Paris', 'Rome'], ['Oslo']];
const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
});
afterEach(() => probe.finish());

const client = (): ReturnType<Gateway['client']> => gateway.client({ fetch: probe.fetch });

test('a response is created, retrieved, listed by its input and deleted', async () => {
  const response = await client().responses.create({
    model: MODEL,
    instructions: 'Be brief.',
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'one' }] }],
    metadata: { a: 'b' },
  });
  assert.equal(response.output_text, 'You said: one');
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  const retrieved = await client().responses.retrieve(response.id);
  assert.deepEqual(retrieved.output, response.output);
  assert.deepEqual(retrieved.metadata, { a: 'b' });
  const items: unknown[] = [];
  for await (const item of client().responses.inputItems.list(response.id)) items.push(item.type);
  assert.deepEqual(items, ['message']);
  await client().responses.delete(response.id);
  await assert.rejects(client().responses.retrieve(response.id), { status: 404 });
  await assert.rejects(client().responses.cancel(response.id), { status: 404 });
  assert.deepEqual([...probe.ignored], []);
});

test('the stream helper puts the response together from its events', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const stream = client().responses.stream({ model: MODEL, input: 'Count.' });
  const pieces: string[] = [];
  stream.on('response.output_text.delta', ({ delta }) => pieces.push(delta));
  const response = await stream.finalResponse();
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.equal(response.output_text, 'one two three');
  assert.equal(response.usage?.total_tokens, 26);
});

test('parse gives the object', async () => {
  gateway.api.respond(text('{"city":"Paris","degrees":21}'));
  const response = await client().responses.parse({
    model: MODEL,
    input: QUESTION,
    text: { format: zodTextFormat(z.object({ city: z.string(), degrees: z.number() }), 'weather') },
  });
  assert.deepEqual(response.output_parsed, { city: 'Paris', degrees: 21 });
});

test('tools over several steps are true history by the items of the client', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const tools = [zodResponsesFunction({ name: 'get_weather', parameters: z.object({ city: z.string() }) })];
  const input: ResponseInputItem[] = [{ role: 'user', content: QUESTION }];
  for (;;) {
    const response = await client().responses.parse({ model: MODEL, input, tools, store: false });
    input.push(...(response.output as ResponseInputItem[]));
    const calls = response.output.filter((item) => item.type === 'function_call');
    if (calls.length === 0) break;
    for (const call of calls) {
      const { city } = call.parsed_arguments as { city: string };
      input.push({ type: 'function_call_output', call_id: call.call_id, output: weatherOf(city) });
    }
  }
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
});

test('an unknown previous response is an error that names it', async () => {
  await assert.rejects(client().responses.create({ model: MODEL, input: 'one', previous_response_id: 'resp_1' }), {
    status: 400,
    code: 'previous_response_not_found',
    param: 'previous_response_id',
  });
});
