// Guarantee: @llamaindex/openai works unchanged: chat, streams, loops of tools and structured output.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { ChatMessage, ToolCallLLMMessageOptions } from '@llamaindex/core/llms';
import { tool } from '@llamaindex/core/tools';
import { OpenAI } from '@llamaindex/openai';
import { z } from 'zod';
import { Gateway } from '../support/gateway.ts';
import { spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';
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
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

function llm(): OpenAI {
  return new OpenAI({
    model: 'claude-haiku-4-5',
    apiKey: 'none',
    maxRetries: 0,
    baseURL: `${gateway.url}/v1`,
    additionalSessionOptions: { fetch: probe.fetch },
  });
}

test('chat gives the text', async () => {
  gateway.api.respond(text('Fine.'));
  const { message } = await llm().chat({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'How are you?' },
    ],
  });
  assert.equal(message.content, 'Fine.');
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'How are you?']]);
});

test('chat streams the pieces', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const pieces: string[] = [];
  for await (const { delta } of await llm().chat({ messages: [{ role: 'user', content: 'Count.' }], stream: true })) {
    if (delta !== '') pieces.push(delta);
  }
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.deepEqual([...probe.ignored], []);
});

for (const form of ['whole', 'streamed']) {
  test(`a loop of tools is true history, ${form}`, async () => {
    // Its streamed form looks for calls in the first piece of an answer alone.
    const options = { isSilent: form === 'streamed' };
    gateway.api.respond(weatherScript(STEPS, options));
    const messages: ChatMessage<ToolCallLLMMessageOptions>[] = [{ role: 'user', content: QUESTION }];
    for (let isDone = false; !isDone;) {
      const request = { messages, tools: [weather] };
      if (form === 'whole') {
        const { newMessages, toolCalls } = await llm().exec(request);
        messages.push(...newMessages);
        isDone = toolCalls.length === 0;
      } else {
        const answer = await llm().exec({ ...request, stream: true });
        for await (const _chunk of answer.stream);
        messages.push(...answer.newMessages());
        isDone = answer.toolCalls.length === 0;
      }
    }
    assert.equal(messages.at(-1)?.content, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
    assert.equal(gateway.api.requests.length, 3);
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS, options);
    assert.deepEqual([...probe.ignored], []);
  });
}

test('exec with a response format gives the object, by a call', async () => {
  gateway.api.respond(({ body }) => ({
    kind: 'message',
    content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: { city: 'Paris', degrees: 21 } }],
  }));
  const { object } = await llm().exec({ messages: [{ role: 'user', content: QUESTION }], responseFormat: Weather });
  assert.deepEqual(object, { city: 'Paris', degrees: 21 });
});

test('chat with a response format gives JSON', async () => {
  gateway.api.respond(text('{"city":"Paris","degrees":21}'));
  const { message } = await llm().chat({ messages: [{ role: 'user', content: QUESTION }], responseFormat: Weather });
  assert.deepEqual(JSON.parse(message.content as string), { city: 'Paris', degrees: 21 });
});
