// Guarantee: a stop sequence of white space only, which the Messages API does not take, ends the answer as any other does:
// nothing of it and nothing behind it reaches the client or the conversation, and the model is stopped.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import {
  lastText,
  spokenMessages,
  text,
  type ScriptedBlock,
  type ScriptedMessage,
} from '../support/scripted-messages-api.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({
    settings: {
      CLAUDE__MAX_CONCURRENT_SESSIONS: '2',
      PROCESS_POOL__SIZE: '2',
      PROCESS_POOL__MIN_IDLE: '1',
      PROCESS_POOL__MAX_IDLE: '2',
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());

async function whole(parameters: object, prompt = 'x'): Promise<ChatCompletion> {
  const response = await gateway.post(ask(prompt, parameters));
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as ChatCompletion;
}

async function streamed(parameters: object): Promise<ChatCompletionChunk[]> {
  const raw = await (await gateway.post(ask('x', { ...parameters, stream: true }))).text();
  assert.ok(raw.endsWith('data: [DONE]\n\n'), raw);
  const events = raw.split('\n\n').filter((event) => event.startsWith('data: {'));
  return events.map((event) => JSON.parse(event.slice(6)) as ChatCompletionChunk);
}

const textOf = (chunks: readonly ChatCompletionChunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
const reasonOf = (chunks: readonly ChatCompletionChunk[]): string | null | undefined =>
  chunks.findLast(({ choices }) => choices.length > 0)?.choices[0]?.finish_reason;

const CASES: [stop: string | string[], answer: string, shown: string, sent?: string[]][] = [
  ['\n', 'one line\nand another', 'one line'],
  ['\n\n', 'a paragraph\nof two lines\n\nand another', 'a paragraph\nof two lines'],
  [' ', 'word after word', 'word'],
  ['\t', 'column\tcolumn', 'column'],
  [['\r\n', ' \n'], 'a line \nb', 'a line'],
  [['END', '\n\n'], 'first\n\nsecond', 'first', ['END']],
  [['\n\n', '\n'], 'first\nsecond', 'first'],
  ['\n\n', 'without it\n', 'without it\n'],
];
for (const [stop, answer, shown, sent] of CASES) {
  for (const deltaLength of [1, 7, 1000]) {
    test(`${JSON.stringify(stop)} ends the answer ${JSON.stringify(answer)} in deltas of ${deltaLength}, whole and streamed`, async () => {
      gateway.api.respond(text(answer, { deltaLength }));
      const { choices, usage } = await whole({ stop });
      assert.deepEqual([choices[0]?.message.content, choices[0]?.finish_reason], [shown, 'stop']);
      assert.equal(usage?.prompt_tokens, 19);
      assert.ok((usage?.completion_tokens ?? 0) > 0);
      assert.deepEqual(gateway.api.last.body['stop_sequences'], sent);
      const chunks = await streamed({ stop, stream_options: { include_usage: true } });
      assert.deepEqual([textOf(chunks), reasonOf(chunks)], [shown, 'stop']);
      assert.equal(chunks.at(-1)?.usage?.prompt_tokens, 19);
      assert.equal(gateway.api.requests.length, 2);
    });
  }
}

/** An answer that would take minutes. */
function slow(content: ScriptedBlock[]): ScriptedMessage {
  return { kind: 'message', content: [...content, { type: 'text', text: 'x'.repeat(10_000) }], deltaLength: 10, deltaDelayMs: 100 };
} // prettier-ignore

test('the model is stopped at the sequence, and the conversation holds what the client was told', async () => {
  gateway.api.respond(slow([{ type: 'text', text: 'a\n\nb' }]));
  const first = await whole({ stop: '\n\n' });
  assert.equal(first.choices[0]?.message.content, 'a');
  await gateway.api.until(({ last }) => last.outcome === 'cancelled');
  gateway.api.respond((request) => text(`You said: ${lastText(request.body)}`));
  const conversation_id = (first as { conversation_id?: string }).conversation_id;
  await whole({ conversation_id }, 'go on');
  assert.deepEqual(spokenMessages(gateway.api.last.body), [
    ['user', 'x'],
    ['assistant', 'a'],
    ['user', 'go on'],
  ]);
});

test('thinking is not searched, and is kept', async () => {
  gateway.api.respond({
    kind: 'message',
    content: [
      { type: 'thinking', thinking: 'one\n\ntwo' },
      { type: 'text', text: 'so\n\nand so' },
    ],
  });
  const { choices } = await whole({ stop: '\n\n', reasoning_effort: 'low' });
  const [message] = choices.map((choice) => choice.message as { content: string; reasoning_content?: string });
  assert.deepEqual([message?.content, message?.reasoning_content], ['so', 'one\n\ntwo']);
});

const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];

/** An answer of a text and a call. */
async function textAndCall(value: string): Promise<ScriptedMessage> {
  gateway.api.respond(text('fine'));
  await whole({ tools });
  const name = gateway.api.last.body.tools?.[0]?.name ?? '';
  gateway.api.reset();
  return { kind: 'message', content: [{ type: 'text', text: value }, { type: 'tool_use', name, input: {} }], deltaLength: 3 }; // prettier-ignore
}

test('a sequence before a call ends the answer without the call', async () => {
  gateway.api.respond(await textAndCall('Let me look.\n\nNow:'));
  const { choices } = await whole({ tools, stop: '\n\n' });
  assert.deepEqual(choices[0]?.message.content, 'Let me look.');
  assert.deepEqual([choices[0]?.message.tool_calls, choices[0]?.finish_reason], [undefined, 'stop']);
  const chunks = await streamed({ tools, stop: '\n\n' });
  assert.deepEqual([textOf(chunks), reasonOf(chunks)], ['Let me look.', 'stop']);
  assert.ok(chunks.every(({ choices: [choice] }) => choice?.delta.tool_calls === undefined));
});

test('a text that could go on to a sequence is shown before the call that follows it', async () => {
  gateway.api.respond(await textAndCall('Let me look.\n'));
  const { choices } = await whole({ tools, stop: '\n\n' });
  assert.equal(choices[0]?.message.content, 'Let me look.\n');
  assert.equal(choices[0]?.message.tool_calls?.length, 1);
  const deltas = (await streamed({ tools, stop: '\n\n' })).map(({ choices: [choice] }) => choice?.delta ?? {});
  const firstCall = deltas.findIndex((delta) => delta.tool_calls);
  assert.equal(deltas.slice(0, firstCall).map((delta) => delta.content ?? '').join(''), 'Let me look.\n'); // prettier-ignore
});

test('each of several choices ends at a sequence of its own', async () => {
  gateway.api.respond(({ index }) => text(['aa\nb', 'c\nd', 'e', '\nf'][index] ?? '', { deltaLength: 1 }));
  const { choices, usage } = await whole({ stop: '\n', n: 4 });
  assert.deepEqual(new Set(choices.map(({ message }) => message.content)), new Set(['', 'aa', 'c', 'e']));
  assert.ok(choices.every(({ finish_reason: reason }) => reason === 'stop'));
  assert.equal(usage?.prompt_tokens, 4 * 19);
});

test('JSON that was asked for is handed out as far as it goes', async () => {
  gateway.api.respond(text('{"a":\n1}'));
  const { choices } = await whole({ stop: '\n', response_format: { type: 'json_object' } });
  assert.deepEqual([choices[0]?.message.content, choices[0]?.finish_reason], ['{"a":', 'stop']);
});

test('the next answer of the same process is not searched for it', async () => {
  gateway.api.respond(text('a\nb'));
  for (let count = 0; count < 3; count += 1) await whole({ stop: '\n' });
  assert.equal((await whole({})).choices[0]?.message.content, 'a\nb');
});
