// Guarantee: the ai package works unchanged through @ai-sdk/openai-compatible and the chat models of @ai-sdk/openai.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  generateObject,
  generateText,
  isStepCount,
  Output,
  streamObject,
  streamText,
  tool,
  type LanguageModel,
} from 'ai';
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

const MODELS: Record<string, (model?: string) => LanguageModel> = {
  '@ai-sdk/openai-compatible': (model = 'claude-haiku-4-5') =>
    createOpenAICompatible({
      name: 'gateway',
      baseURL: `${gateway.url}/v1`,
      fetch: probe.fetch,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })(model),
  '@ai-sdk/openai': (model = 'claude-haiku-4-5') =>
    createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', fetch: probe.fetch }).chat(model),
};
for (const [provider, model] of Object.entries(MODELS)) {
  test(`generateText gives the text and the usage, ${provider}`, async () => {
    gateway.api.respond(text('Fine.'));
    const answer = await generateText({
      model: model(),
      instructions: 'Be brief.',
      prompt: 'How are you?',
      maxRetries: 0,
    });
    assert.equal(answer.text, 'Fine.');
    assert.equal(answer.finishReason, 'stop');
    assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens, answer.usage.totalTokens], [19, 7, 26]);
    assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
    assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'How are you?']]);
    assert.deepEqual([...probe.ignored], []);
  });

  test(`streamText gives the pieces and the usage, ${provider}`, async () => {
    gateway.api.respond(text('one two three', { deltaLength: 4 }));
    const answer = streamText({ model: model(), prompt: 'Count.', maxRetries: 0 });
    const pieces: string[] = [];
    for await (const piece of answer.textStream) pieces.push(piece);
    assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
    assert.equal(await answer.finishReason, 'stop');
    assert.equal((await answer.usage).totalTokens, 26);
    assert.deepEqual([...probe.ignored], []);
  });

  test(`tools over several steps are true history, whole, ${provider}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const answer = await generateText({
      model: model(),
      prompt: QUESTION,
      tools,
      stopWhen: isStepCount(5),
      maxRetries: 0,
    });
    assert.equal(answer.text, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
    assert.equal(answer.steps.length, 3);
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
    assert.deepEqual([...probe.ignored], []);
  });

  test(`tools over several steps are true history, streamed, ${provider}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const answer = streamText({ model: model(), prompt: QUESTION, tools, stopWhen: isStepCount(5), maxRetries: 0 });
    assert.equal((await answer.steps).length, 3);
    assert.equal(await answer.text, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
    assert.deepEqual([...probe.ignored], []);
  });

  test(`generateObject gives the object, ${provider}`, async () => {
    gateway.api.respond(text('{"city":"Paris","degrees":21}'));
    const { object } = await generateObject({ model: model(), schema: Weather, prompt: QUESTION, maxRetries: 0 });
    assert.deepEqual(object, { city: 'Paris', degrees: 21 });
  });

  test(`generateText with an output gives the object, ${provider}`, async () => {
    gateway.api.respond(text('{"city":"Paris","degrees":21}'));
    const output = Output.object({ schema: Weather });
    const answer = await generateText({ model: model(), output, prompt: QUESTION, maxRetries: 0 });
    assert.deepEqual(answer.output, { city: 'Paris', degrees: 21 });
  });

  test(`streamObject gives the object, ${provider}`, async () => {
    gateway.api.respond(text('{"city":"Paris","degrees":21}', { deltaLength: 5 }));
    const answer = streamObject({
      model: model(),
      schema: Weather,
      prompt: QUESTION,
      maxRetries: 0,
      onError: () => {},
    });
    const parts: unknown[] = [];
    for await (const part of answer.partialObjectStream) parts.push(part);
    assert.ok(parts.length > 2, 'the object came bit by bit');
    assert.deepEqual(await answer.object, { city: 'Paris', degrees: 21 });
  });
}

const thoughtful = {
  kind: 'message' as const,
  content: [
    { type: 'thinking' as const, thinking: 'Hm.' },
    { type: 'text' as const, text: 'Yes.' },
  ],
};
const compatible = '@ai-sdk/openai-compatible';
for (const form of ['whole', 'streamed'] as const) {
  test(`thinking arrives as reasoning, ${form}`, async () => {
    gateway.api.respond(thoughtful);
    const request = { model: MODELS[compatible]!(), prompt: 'Well?', reasoning: 'medium' as const, maxRetries: 0 };
    const answer = form === 'whole' ? await generateText(request) : streamText(request);
    assert.equal(await answer.reasoningText, 'Hm.');
    assert.equal(await answer.text, 'Yes.');
  });
}
