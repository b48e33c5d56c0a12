// Guarantee: clients that speak Responses by default work unchanged: @openai/agents, ai with openai(), @langchain/openai with
// useResponsesApi; tools over several steps are true history.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { Agent, OpenAIResponsesModel, run, setTracingDisabled, tool as agentTool } from '@openai/agents';
import { generateObject, generateText, isStepCount, streamText, tool, type LanguageModel } from 'ai';
import { z } from 'zod';
import { Gateway } from '../support/gateway.ts';
import { spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';
import { assertTrueHistory, weatherOf, weatherScript } from './weather-script.ts';

const MODEL = 'claude-haiku-4-5';
const QUESTION = 'How is the weather?';
const HEARD = 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo';
const STEPS = [['Paris', 'Rome'], ['Oslo']];
const City = z.object({ city: z.string() });
const Weather = z.object({ city: z.string(), degrees: z.number() });
const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  setTracingDisabled(true);
  globalThis.AI_SDK_LOG_WARNINGS = false;
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

const agent = (): Agent =>
  new Agent({
    name: 'Weather',
    instructions: 'Be brief.',
    model: new OpenAIResponsesModel(gateway.client({ fetch: probe.fetch }), MODEL),
    tools: [
      agentTool({ name: 'get_weather', description: 'The weather', parameters: City, execute: ({ city }) => weatherOf(city) }),
    ],
  }); // prettier-ignore

test('an agent works its tools off in its default mode', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const result = await run(agent(), QUESTION);
  assert.equal(result.finalOutput, HEARD);
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
  assert.equal(result.state.usage.totalTokens, 26 * 3);
});

test('an agent streams in its default mode', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const result = await run(agent(), QUESTION, { stream: true });
  let said = '';
  for await (const piece of result.toTextStream()) said += piece;
  await result.completed;
  assert.ok(said.endsWith(HEARD));
  assert.equal(result.finalOutput, HEARD);
  assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
});

test('an agent goes on by the id of its last response', async () => {
  gateway.api.respond(weatherScript(STEPS));
  const first = await run(agent(), QUESTION);
  assert.ok(first.lastResponseId);
  gateway.api.respond(text('Still sunny.'));
  const second = await run(agent(), 'And now?', { previousResponseId: first.lastResponseId });
  assert.equal(second.finalOutput, 'Still sunny.');
  assert.equal(gateway.api.last.body.messages.length, 7);
});

const sdk = (): LanguageModel =>
  createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', fetch: probe.fetch })(MODEL);
const tools = {
  get_weather: tool({
    description: 'The weather of a city',
    inputSchema: City,
    execute: async ({ city }) => Promise.resolve(weatherOf(city)),
  }),
};

test('ai: generateText gives the text and the usage', async () => {
  gateway.api.respond(text('Fine.'));
  const answer = await generateText({ model: sdk(), instructions: 'Be brief.', prompt: 'How are you?', maxRetries: 0 });
  assert.equal(answer.text, 'Fine.');
  assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens, answer.finishReason], [19, 7, 'stop']);
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'How are you?']]);
});

for (const form of ['whole', 'streamed'] as const) {
  test(`ai: tools over several steps are true history by references to items, ${form}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const request = { model: sdk(), prompt: QUESTION, tools, stopWhen: isStepCount(5), maxRetries: 0 };
    const answer = form === 'whole' ? await generateText(request) : streamText(request);
    assert.equal((await answer.steps).length, 3);
    assert.equal(await answer.text, HEARD);
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
    const { input } = probe.sent.at(-1) as { input: { type?: string }[] };
    const types = input.map(({ type }) => type);
    assert.ok(types.includes('item_reference'), types.join(', '));
  });

  test(`ai: thinking arrives as reasoning, ${form}`, async () => {
    gateway.api.respond({
      kind: 'message',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Yes.' },
      ],
    });
    const request = {
      model: sdk(),
      prompt: 'Well?',
      providerOptions: { openai: { reasoningEffort: 'medium', forceReasoning: true, store: false } },
      maxRetries: 0,
    };
    const answer = form === 'whole' ? await generateText(request) : streamText(request);
    assert.equal(await answer.reasoningText, 'Hm.');
    assert.equal(await answer.text, 'Yes.');
  });
}

test('ai: streamText gives the pieces', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const answer = streamText({ model: sdk(), prompt: 'Count.', maxRetries: 0 });
  const pieces: string[] = [];
  for await (const piece of answer.textStream) pieces.push(piece);
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.equal((await answer.usage).totalTokens, 26);
});

test('ai: generateObject gives the object', async () => {
  gateway.api.respond(text('{"city":"Paris","degrees":21}'));
  const { object } = await generateObject({ model: sdk(), schema: Weather, prompt: QUESTION, maxRetries: 0 });
  assert.deepEqual(object, { city: 'Paris', degrees: 21 });
});

const chat = (): ChatOpenAI =>
  new ChatOpenAI({
    model: MODEL,
    apiKey: 'none',
    maxRetries: 0,
    useResponsesApi: true,
    configuration: { baseURL: `${gateway.url}/v1`, fetch: probe.fetch },
  });
const weather = langchainTool(({ city }: { city: string }) => weatherOf(city), {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: City,
});

for (const form of ['whole', 'streamed']) {
  test(`LangChain: a loop of bound tools is true history, ${form}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const bound = chat().bindTools([weather]);
    const messages: BaseMessage[] = [new HumanMessage(QUESTION)];
    for (;;) {
      let answer;
      if (form === 'whole') answer = await bound.invoke(messages);
      else for await (const chunk of await bound.stream(messages)) answer = answer ? answer.concat(chunk) : chunk;
      assert.ok(answer);
      messages.push(answer);
      if (!answer.tool_calls?.length) break;
      for (const call of answer.tool_calls) messages.push(await weather.invoke(call));
    }
    assert.equal(messages.at(-1)?.text, HEARD);
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
  });
}
