// Guarantee: OpenAI's client gets legacy completions from the real CLI, whole and streamed, and the model is given the prompt
// as it is.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import OpenAI from 'openai';
import { Gateway } from '../support/gateway.ts';
import { lastText, spokenMessages, text } from '../support/scripted-messages-api.ts';

const MODEL = 'claude-haiku-4-5';
let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await Gateway.start();
  client = gateway.client();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());

test('a prompt is completed whole, under the parameters of the request', async () => {
  gateway.api.respond(text('    return 1\n'));
  const completion = await client.completions.create({
    model: MODEL,
    prompt: 'def f():\n',
    max_tokens: 50,
    temperature: 0.25,
    stop: 'END',
  });
  assert.deepEqual(completion.choices, [{ text: '    return 1\n', index: 0, logprobs: null, finish_reason: 'stop' }]);
  assert.equal(completion.object, 'text_completion');
  assert.equal(completion.usage?.prompt_tokens, 19);
  const { body } = gateway.api.last;
  assert.deepEqual(spokenMessages(body), [['user', 'def f():\n']]);
  assert.deepEqual([body['max_tokens'], body['temperature'], body['stop_sequences']], [50, 0.25, ['END']]);
});

test('without max_tokens the answer is not cut at 16 tokens, as OpenAI’s would be', async () => {
  gateway.api.respond(text('x'));
  await client.completions.create({ model: MODEL, prompt: 'x' });
  assert.ok(gateway.api.last.body['max_tokens'] > 1000);
});

test('a prompt is completed as a stream, with its usage last', async () => {
  gateway.api.respond(text('one two three four', { deltaLength: 4 }));
  const stream = await client.completions.create({
    model: MODEL,
    prompt: ['count:'],
    stream: true,
    echo: true,
    stream_options: { include_usage: true },
  });
  const chunks: OpenAI.Completion[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks.map(({ choices: [choice] }) => choice?.text ?? '').join(''), 'count:one two three four');
  assert.ok(chunks.length > 5);
  assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'stop');
  assert.deepEqual([chunks.at(-1)?.choices, chunks.at(-1)?.usage?.prompt_tokens], [[], 19]);
});

test('a prompt after another one is a request by itself', async () => {
  gateway.api.respond(({ body }) => text(`completes ${lastText(body)}`));
  for (const prompt of ['a', 'b', 'c']) {
    const { choices } = await client.completions.create({ model: MODEL, prompt });
    assert.equal(choices[0]?.text, `completes ${prompt}`);
    assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', prompt]]);
  }
});

test('the model reads what comes before and after the gap that it fills', async () => {
  gateway.api.respond(text('b'));
  const { choices } = await client.completions.create({ model: MODEL, prompt: 'a = [', suffix: ']\n' });
  assert.equal(choices[0]?.text, 'b');
  const told = JSON.stringify(gateway.api.last.body.messages);
  assert.match(told, /a = \[.*the text above and before the text below.*\]\\\\?n/);
});

test('a prompt of tokens is refused to the client', async () => {
  const asking = client.completions.create({ model: MODEL, prompt: [1, 2, 3] });
  await assert.rejects(asking, (error) => error instanceof OpenAI.BadRequestError && error.param === 'prompt');
  assert.equal(gateway.api.requests.length, 0);
});
