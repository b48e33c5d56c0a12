// Guarantee: the openai package gets whole answers from chat.completions, parse, runTools and models as from OpenAI.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { lastText, spokenMessages, text } from '../support/scripted-messages-api.ts';
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
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
});
afterEach(() => probe.finish());

const client = (): ReturnType<Gateway['client']> => gateway.client({ fetch: probe.fetch });

test('a completion has every field that the description requires', async () => {
  const completion = await client().chat.completions.create({
    model: 'claude-haiku-4-5',
    messages: [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'one' }] },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ],
    temperature: 0.5,
    max_completion_tokens: 99,
    stop: ['END'],
  });
  assertMatchesSchema('CreateChatCompletionResponse', completion);
  assert.equal(completion.choices[0]?.message.content, 'You said: three');
  assert.equal(completion.usage?.total_tokens, 26);
  assert.match(completion._request_id ?? '', /^req_/);
  const { body } = gateway.api.last;
  assert.deepEqual(spokenMessages(body), [['user', 'one'], ['assistant', 'two'], ['user', 'three']]); // prettier-ignore
  assert.deepEqual([body['temperature'], body['stop_sequences'], body.max_tokens], [0.5, ['END'], 99]);
  assert.deepEqual([...probe.ignored], []);
});

for (const [field, value] of Object.entries({
  frequency_penalty: 1,
  safety_identifier: 'a',
  verbosity: 'low',
  prompt_cache_key: 'k',
  prompt_cache_retention: '24h',
  prompt_cache_options: {},
})) {
  test(`${field} has no effect and is named in the header`, async () => {
    await client().chat.completions.create(ask('x', { [field]: value }));
    assert.deepEqual([...probe.ignored], [field]);
    assert.ok(!gateway.api.last.raw.includes(field));
  });
}

test('prompt_cache_breakpoint of a part has no effect and is named in the header', async () => {
  const part = { type: 'text' as const, text: 'x', prompt_cache_breakpoint: { mode: 'explicit' as const } };
  await client().chat.completions.create(ask('', { messages: [{ role: 'user', content: [part] }] }));
  assert.deepEqual([...probe.ignored], ['messages.content.prompt_cache_breakpoint']);
  assert.ok(!gateway.api.last.raw.includes('prompt_cache_breakpoint'));
});

test('runTools works parallel calls and several steps off, and the history stays true', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const asked: string[] = [];
  const runner = client().chat.completions.runTools({
    model: 'claude-haiku-4-5',
    messages: [{ role: 'user', content: QUESTION }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather',
          parameters: WEATHER_SCHEMA,
          parse: JSON.parse as (input: string) => { city: string },
          function: ({ city }: { city: string }) => {
            asked.push(city);
            return weatherOf(city);
          },
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
  assert.deepEqual(asked, ['Paris', 'Rome', 'Oslo']);
  assert.equal(gateway.api.requests.length, 3);
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
});

test('parse with a zod schema gives the object', async () => {
  gateway.api.respond(text('{"city":"Paris","degrees":21}'));
  const Weather = z.object({ city: z.string(), degrees: z.number() });
  const completion = await client().chat.completions.parse({
    ...ask('How is the weather in Paris?'),
    response_format: zodResponseFormat(Weather, 'weather'),
  });
  assert.deepEqual(completion.choices[0]?.message.parsed, { city: 'Paris', degrees: 21 });
  assert.deepEqual([...probe.ignored], []);
});

test('the models are listed, found and not found', async () => {
  const { models } = client();
  const listed = await models.list();
  assertMatchesSchema('ListModelsResponse', { object: 'list', data: listed.data });
  const found: string[] = [];
  for await (const { id } of models.list()) found.push(id);
  assert.ok(found.includes('sonnet'));
  assert.equal((await models.retrieve(found[0] ?? '')).object, 'model');
  await assert.rejects(models.retrieve('gpt-4o'), { name: 'Error', status: 404 });
});
