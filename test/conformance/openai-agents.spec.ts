// Guarantee: @openai/agents works unchanged on chat completions: tools, handoffs and streams, and nothing leaves for elsewhere.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from '@openai/agents';
import { z } from 'zod';
import { Gateway } from '../support/gateway.ts';
import { systemTexts, text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';
import { assertTrueHistory, weatherOf, weatherScript } from './weather-script.ts';

const QUESTION = 'How is the weather?';
const STEPS = [['Paris', 'Rome'], ['Oslo']];
const Weather = z.object({ city: z.string(), degrees: z.number() });
const weather = tool({
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => weatherOf(city),
});
const probe = new ClientProbe();
let gateway: Gateway;
let model: OpenAIChatCompletionsModel;
beforeAll(async () => {
  setTracingDisabled(true);
  gateway = await Gateway.start();
  model = new OpenAIChatCompletionsModel(gateway.client({ fetch: probe.fetch }), 'claude-haiku-4-5');
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

const agent = (): Agent => new Agent({ name: 'Weather', instructions: 'Be brief.', model, tools: [weather] });

// It gives text parts what else it knows of their message, and each tool is strict.
test('an agent works its tools off, and the history stays true', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const result = await run(agent(), QUESTION);
  assert.equal(result.finalOutput, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
  assert.equal(gateway.api.requests.length, 3);
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
  assert.deepEqual(
    [...probe.ignored],
    ['tools.function.strict', 'messages.content.role', 'messages.content.annotations', 'messages.content.tool_calls'],
  );
  assert.equal(result.state.usage.totalTokens, 26 * 3);
});

test('an agent streams while it works its tools off', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const result = await run(agent(), QUESTION, { stream: true });
  let said = '';
  for await (const piece of result.toTextStream()) said += piece;
  await result.completed;
  assert.ok(said.endsWith('Heard: sunny in Paris, sunny in Rome, sunny in Oslo'));
  assert.equal(result.finalOutput, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
  assert.deepEqual([...probe.ignored], ['tools.function.strict', 'messages.content.annotations']);
});

test('an agent hands over to another', async () => {
  const expert = new Agent({ name: 'Expert', instructions: 'You know it.', model });
  const desk = new Agent({ name: 'Desk', instructions: 'You pass it on.', model, handoffs: [expert] });
  gateway.api.respond(({ body, index }) =>
    index === 0
      ? { kind: 'message', content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: {} }] }
      : text('Here is the expert.'),
  );
  const result = await run(desk, QUESTION);
  assert.equal(result.finalOutput, 'Here is the expert.');
  assert.equal(result.lastAgent?.name, 'Expert');
  assert.deepEqual(systemTexts(gateway.api.last.body), ['You know it.']);
});

test('an agent with an output type gives the object', async () => {
  gateway.api.respond(text('{"city":"Paris","degrees":21}'));
  const structured = new Agent({ name: 'Weather', instructions: 'Be brief.', model, outputType: Weather });
  const result = await run(structured, QUESTION);
  assert.deepEqual(result.finalOutput, { city: 'Paris', degrees: 21 });
});
