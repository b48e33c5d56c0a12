// Guarantee: the ai package works unchanged through @ai-sdk/anthropic: text, streams, tools, thinking and objects.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, isStepCount, Output, streamText, tool, type LanguageModel } from 'ai';
import { z } from 'zod';
import { Gateway } from '../support/gateway.ts';
import { spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';
import { assertTrueHistory, weatherOf, weatherScript } from './weather-script.ts';

const QUESTION = 'How is the weather?';
const STEPS = [['Paris', 'Rome'], ['Oslo']];
const Weather = z.object({ city: z.string(), degrees: z.number() });
const tools = {
  get_weather: tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => Promise.resolve(weatherOf(city)),
  }),
};
const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

function model(): LanguageModel {
  return createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: 'none', fetch: probe.fetch })('claude-haiku-4-5');
}

test('generateText gives the text and the usage, by messages', async () => {
  gateway.api.respond(text('Fine.'));
  const answer = await generateText({
    model: model(),
    instructions: 'Be brief.',
    prompt: 'How are you?',
    maxOutputTokens: 100,
    maxRetries: 0,
  });
  assert.equal(answer.text, 'Fine.');
  assert.equal(answer.finishReason, 'stop');
  assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens, answer.usage.totalTokens], [19, 7, 26]);
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'How are you?']]);
  assert.deepEqual([...probe.ignored], []);
});

test('streamText gives the pieces and the usage, by messages', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const answer = streamText({ model: model(), prompt: 'Count.', maxRetries: 0 });
  const pieces: string[] = [];
  for await (const piece of answer.textStream) pieces.push(piece);
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.equal(await answer.finishReason, 'stop');
  assert.equal((await answer.usage).totalTokens, 26);
});

for (const form of ['whole', 'streamed'] as const) {
  test(`tools over several steps are true history, by messages, ${form}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const request = { model: model(), prompt: QUESTION, tools, stopWhen: isStepCount(5), maxRetries: 0 };
    const answer = form === 'whole' ? await generateText(request) : streamText(request);
    assert.equal((await answer.steps).length, 3);
    assert.equal(await answer.text, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
  });

  test(`thinking arrives as reasoning, by messages, ${form}`, async () => {
    gateway.api.respond({
      kind: 'message',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'signed' },
        { type: 'text', text: 'Yes.' },
      ],
    });
    const providerOptions = { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } };
    const request = { model: model(), prompt: 'Well?', maxOutputTokens: 8000, providerOptions, maxRetries: 0 };
    const answer = form === 'whole' ? await generateText(request) : streamText(request);
    assert.equal(await answer.reasoningText, 'Hm.');
    assert.equal(await answer.text, 'Yes.');
    assert.deepEqual(gateway.api.last.body['thinking'], { type: 'enabled', budget_tokens: 2000 });
  });
}

test('generateText with an output gives the object, by messages', async () => {
  gateway.api.respond(({ body }) => {
    const name = body.tools?.[0]?.name;
    const input = { city: 'Paris', degrees: 21 };
    return name === undefined ? text(JSON.stringify(input)) : { kind: 'message', content: [{ type: 'tool_use', name, input }] };
  }); // prettier-ignore
  const output = Output.object({ schema: Weather });
  const answer = await generateText({ model: model(), output, prompt: QUESTION, maxRetries: 0 });
  assert.deepEqual(answer.output, { city: 'Paris', degrees: 21 });
});

test('an error of the service is one of the library, with its words', async () => {
  const unknown = createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: 'none' })('gpt-nothing');
  const request = generateText({ model: unknown, prompt: 'Hi', maxRetries: 0 });
  await assert.rejects(request, { statusCode: 404, message: /^model: The model 'gpt-nothing' does not exist/ });
});
