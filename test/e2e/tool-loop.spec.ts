// Guarantee: a loop of tool calls is, upstream, exactly the true history: one request for each step, thinking included.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletionChunk, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { evenPace } from '../support/pace.ts';
import { text } from '../support/scripted-messages-api.ts';

const STEPS = 12;
const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      description: 'The weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: { PROCESS_POOL__MIN_IDLE: '1' } });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());

interface Call {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** Puts a streamed answer together as a client does; ids and names come once, arguments in pieces. */
async function streamed(
  messages: ChatCompletionMessageParam[],
  model: string,
): Promise<{ content: string; calls: Call[]; reason: string }> {
  const stream = await gateway
    .client()
    .chat.completions.create({ model, messages, tools, stream: true, reasoning_effort: 'medium' });
  let content = '';
  let reason = '';
  const calls: Call[] = [];
  for await (const chunk of stream as AsyncIterable<ChatCompletionChunk>) {
    assertMatchesSchema('CreateChatCompletionStreamResponse', chunk);
    const choice = chunk.choices[0];
    content += choice?.delta.content ?? '';
    reason = choice?.finish_reason ?? reason;
    for (const part of choice?.delta.tool_calls ?? []) {
      const call = (calls[part.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
      call.id += part.id ?? '';
      call.function.name += part.function?.name ?? '';
      call.function.arguments += part.function?.arguments ?? '';
    }
  }
  return { content, calls, reason };
}

test('twelve steps of two parallel calls each, streamed: true history, one request a step, no process more', async () => {
  const model = 'claude-haiku-4-5';
  gateway.api.respond(({ index, body }) => {
    if (index >= STEPS) return text('all done');
    const name = body.tools?.[0]?.name ?? '';
    return {
      kind: 'message',
      pace: evenPace(20),
      content: [
        { type: 'thinking', thinking: `thought ${index}`, signature: `signature-${index}` },
        { type: 'text', text: `step ${index}` },
        { type: 'tool_use', id: `toolu_${index}_a`, name, input: { city: `Paris ${index} ü` } },
        { type: 'tool_use', id: `toolu_${index}_b`, name, input: { city: `Rome ${index}` } },
      ],
    };
  });
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'go' }];
  let startsAfterFirst = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const { content, calls, reason } = await streamed(messages, model);
    if (step === 0) startsAfterFirst = await starts();
    assert.equal(reason, 'tool_calls');
    assert.equal(content, `step ${step}`);
    assert.deepEqual(
      calls.map(({ id }) => id),
      [`toolu_${step}_a`, `toolu_${step}_b`],
    );
    assert.deepEqual(JSON.parse(calls[0]?.function.arguments ?? ''), { city: `Paris ${step} ü` });
    messages.push({ role: 'assistant', content, tool_calls: calls });
    for (const call of calls.toReversed())
      messages.push({ role: 'tool', tool_call_id: call.id, content: `result of ${call.id}` });
  }
  const last = await streamed(messages, model);
  assert.equal(last.content, 'all done');
  assert.equal(gateway.api.requests.length, STEPS + 1);
  // The reserve may grow to its size beside the first request; the loop itself starts nothing.
  assert.ok((await starts()) - startsAfterFirst <= 1);
  const seen = gateway.api.last.body.messages;
  assert.equal(seen.length, 1 + STEPS * 2);
  for (let step = 0; step < STEPS; step += 1) {
    const name = gateway.api.last.body.tools?.[0]?.name;
    assert.deepEqual(seen[1 + step * 2], {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: `thought ${step}`, signature: `signature-${step}` },
        { type: 'text', text: `step ${step}` },
        { type: 'tool_use', id: `toolu_${step}_a`, name, input: { city: `Paris ${step} ü` } },
        { type: 'tool_use', id: `toolu_${step}_b`, name, input: { city: `Rome ${step}` } },
      ],
    });
    const results = seen[2 + step * 2]?.content as { type: string; tool_use_id: string; content: string }[];
    assert.deepEqual(
      results.map(({ tool_use_id: id, content }) => [id, content]),
      [`toolu_${step}_b`, `toolu_${step}_a`].map((id) => [id, `result of ${id}`]),
    );
  }
});

async function starts(): Promise<number> {
  return ((await (await fetch(`${gateway.url}/stats`)).json()) as { pool: { starts: number } }).pool.starts;
}

test('runTools of the openai package works its calls off', async () => {
  gateway.api.respond(({ index, body }) =>
    index === 0
      ? {
          kind: 'message',
          content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: { city: 'Paris' } }],
        }
      : text('It is sunny in Paris.'),
  );
  const asked: unknown[] = [];
  const runner = gateway.client().chat.completions.runTools({
    model: 'claude-haiku-4-5',
    messages: [{ role: 'user', content: 'weather?' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather',
          parameters: tools[0]!.function.parameters,
          parse: JSON.parse as (input: string) => { city: string },
          function: (input: { city: string }) => {
            asked.push(input);
            return 'sunny';
          },
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), 'It is sunny in Paris.');
  assert.deepEqual(asked, [{ city: 'Paris' }]);
});

test('a call in the legacy form is answered in the legacy form, streamed or not', async () => {
  gateway.api.respond(({ body }) => ({
    kind: 'message',
    content: [{ type: 'tool_use', name: body.tools?.[0]?.name ?? '', input: { city: 'Paris' } }],
  }));
  const body = {
    model: 'claude-haiku-4-5',
    messages: [{ role: 'user', content: 'x' }],
    functions: [tools[0]!.function],
  };
  const whole = (await (await gateway.post(body)).json()) as {
    choices: { finish_reason: string; message: { function_call: { name: string; arguments: string } } }[];
  };
  assertMatchesSchema('CreateChatCompletionResponse', whole);
  assert.equal(whole.choices[0]?.finish_reason, 'function_call');
  assert.deepEqual(whole.choices[0]?.message.function_call, { name: 'get_weather', arguments: '{"city":"Paris"}' });
  const raw = await (await gateway.post({ ...body, stream: true })).text();
  assert.match(raw, /"function_call":\{"name":"get_weather","arguments":""\}/);
  assert.match(raw, /"finish_reason":"function_call"/);
});
