// Guarantee: @langchain/openai works unchanged: invoke, stream, loops of bound tools and structured output.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { HumanMessage, SystemMessage, type AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
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

function chat(): ChatOpenAI {
  return new ChatOpenAI({
    model: 'claude-haiku-4-5',
    apiKey: 'none',
    maxRetries: 0,
    configuration: { baseURL: `${gateway.url}/v1`, fetch: probe.fetch },
  });
}

test('invoke gives the text, the usage and the model', async () => {
  gateway.api.respond(text('Fine.'));
  const answer = await chat().invoke([new SystemMessage('Be brief.'), new HumanMessage('How are you?')]);
  assert.equal(answer.content, 'Fine.');
  assert.deepEqual(
    [
      answer.usage_metadata?.input_tokens,
      answer.usage_metadata?.output_tokens,
      answer.usage_metadata?.input_token_details?.cache_read,
    ],
    [19, 7, 5],
  );
  assert.equal(answer.response_metadata['model_name'], 'claude-haiku-4-5');
  assert.equal(answer.response_metadata['finish_reason'], 'stop');
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'How are you?']]);
  assert.deepEqual([...probe.ignored], []);
});

test('stream gives the pieces and at last the usage', async () => {
  gateway.api.respond(text('one two three', { deltaLength: 4 }));
  const pieces: string[] = [];
  let whole: AIMessageChunk | undefined;
  for await (const chunk of await chat().stream('Count.')) {
    if (chunk.text !== '') pieces.push(chunk.text);
    whole = whole?.concat(chunk) ?? chunk;
  }
  assert.deepEqual(pieces, ['one ', 'two ', 'thre', 'e']);
  assert.equal(whole?.usage_metadata?.total_tokens, 26);
  assert.deepEqual([...probe.ignored], []);
});

for (const form of ['whole', 'streamed']) {
  test(`a loop of bound tools is true history, ${form}`, async () => {
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
    // A result carries the name of its tool.
    assert.deepEqual([...probe.ignored], ['messages.name']);
  });
}

async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) whole = whole?.concat(chunk) ?? chunk;
  assert.ok(whole);
  return whole;
}

test('withStructuredOutput by functionCalling gives the object', async () => {
  gateway.api.respond(({ body }) => ({
    kind: 'message',
    content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: { city: 'Paris', degrees: 21 } }],
  }));
  const structured = chat().withStructuredOutput(Weather, { name: 'weather', method: 'functionCalling' });
  assert.deepEqual(await structured.invoke(QUESTION), { city: 'Paris', degrees: 21 });
  assert.deepEqual(gateway.api.last.body['tool_choice'], {
    type: 'tool',
    name: gateway.api.last.body.tools?.[0]?.name,
  });
});

for (const method of ['jsonMode', 'jsonSchema'] as const) {
  test(`withStructuredOutput by ${method} gives the object`, async () => {
    gateway.api.respond(text('{"city":"Paris","degrees":21}'));
    const structured = chat().withStructuredOutput(Weather, { name: 'weather', method });
    assert.deepEqual(await structured.invoke(`${QUESTION} Answer in JSON.`), { city: 'Paris', degrees: 21 });
  });
}
