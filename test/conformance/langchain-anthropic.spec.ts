// Guarantee: @langchain/anthropic works unchanged: invoke, stream, loops of bound tools, thinking and structured output.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { ChatAnthropic, type ChatAnthropicInput } from '@langchain/anthropic';
import { HumanMessage, SystemMessage, type AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { z } from 'zod';
import { Gateway } from '../support/gateway.ts';
import { spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';
import { assertTrueHistory, weatherOf, weatherScript } from './weather-script.ts';

const QUESTION = 'How is the weather?';
const STEPS = [['Paris', 'Rome'], ['Oslo']];
const Weather = z.object({ city: z.string(), degrees: z.number() });
const weather = tool(({ city }: { city: string }) => weatherOf(city), {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
});
const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

function chat(more: ChatAnthropicInput = {}): ChatAnthropic {
  return new ChatAnthropic({
    model: 'claude-haiku-4-5',
    apiKey: 'none',
    anthropicApiUrl: gateway.url,
    maxRetries: 0,
    maxTokens: 4000,
    clientOptions: { fetch: probe.fetch },
    ...more,
  });
}

test('invoke gives the text, the usage and the model, by messages', async () => {
  gateway.api.respond(text('Fine.'));
  const answer = await chat().invoke([new SystemMessage('Be brief.'), new HumanMessage('How are you?')]);
  assert.equal(answer.text, 'Fine.');
  assert.deepEqual([answer.usage_metadata?.input_tokens, answer.usage_metadata?.output_tokens], [19, 7]);
  assert.equal(answer.response_metadata['model'], 'claude-haiku-4-5');
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'How are you?']]);
});

test('stream gives the pieces and at last the usage, by messages', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const pieces: string[] = [];
  let whole: AIMessageChunk | undefined;
  for await (const chunk of await chat().stream('Count.')) {
    if (chunk.text !== '') pieces.push(chunk.text);
    whole = whole?.concat(chunk) ?? chunk;
  }
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.deepEqual([whole?.usage_metadata?.input_tokens, whole?.usage_metadata?.output_tokens], [19, 7]);
});

for (const form of ['whole', 'streamed']) {
  test(`a loop of bound tools is true history, by messages, ${form}`, async () => {
    gateway.api.respond(weatherScript(STEPS));
    const bound = chat().bindTools([weather]);
    const messages: BaseMessage[] = [new HumanMessage(QUESTION)];
    for (;;) {
      const answer = form === 'whole' ? await bound.invoke(messages) : await joined(await bound.stream(messages));
      messages.push(answer);
      if (!answer.tool_calls?.length) break;
      for (const call of answer.tool_calls) messages.push(await weather.invoke(call));
    }
    assert.equal(messages.at(-1)?.text, 'Heard: sunny in Paris, sunny in Rome, sunny in Oslo');
    assert.equal(gateway.api.requests.length, 3);
    assertTrueHistory(gateway.api.last.body, QUESTION, STEPS);
  });

  test(`thinking comes with its signature and goes back with it, by messages, ${form}`, async () => {
    const content = [
      { type: 'thinking' as const, thinking: 'Hm.', signature: 'signed' },
      { type: 'text' as const, text: 'Yes.' },
    ];
    gateway.api.respond({ kind: 'message', content });
    const thoughtful = chat({ thinking: { type: 'enabled', budget_tokens: 2000 } });
    const question = new HumanMessage('Well?');
    const answer = form === 'whole' ? await thoughtful.invoke([question]) : await joined(await thoughtful.stream([question])); // prettier-ignore
    assert.equal(answer.text, 'Yes.');
    await thoughtful.invoke([question, answer, new HumanMessage('Sure?')]);
    assert.deepEqual(gateway.api.last.body.messages[1]?.content, content);
  });
}

async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) whole = whole?.concat(chunk) ?? chunk;
  assert.ok(whole);
  return whole;
}

test('withStructuredOutput gives the object, by a call', async () => {
  gateway.api.respond(({ body }) => ({
    kind: 'message',
    content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: { city: 'Paris', degrees: 21 } }],
  }));
  const structured = chat().withStructuredOutput(Weather, { name: 'weather' });
  assert.deepEqual(await structured.invoke(QUESTION), { city: 'Paris', degrees: 21 });
});
