// Guarantee: what responses say reaches the model as one true history, however a client goes on: by an id, by its own items, or
// by encrypted reasoning after a restart.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type {
  Response as OpenAiResponse,
  ResponseInput,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import { Gateway } from '../support/gateway.ts';
import { lastText, ScriptedMessagesApi, spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';

const MODEL = 'claude-haiku-4-5';
const CHAIN = 20;
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
});

const user = (content: string): ResponseInputItem => ({ role: 'user', content });

test('a text is answered, and the model is given the instructions and the input alone', async () => {
  const response = await gateway.client().responses.create({ model: MODEL, instructions: 'Be brief.', input: 'one' });
  assert.equal(response.output_text, 'You said: one');
  assert.deepEqual([response.status, response.model, response.usage?.total_tokens], ['completed', MODEL, 26]);
  assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'one']]);
});

test(`a chain of ${CHAIN} responses by id sends the model the same bytes as the same by full input, thinking included`, async () => {
  const client = gateway.client();
  gateway.api.respond(({ body }) => ({
    kind: 'message',
    content: [
      { type: 'thinking', thinking: `About ${lastText(body)}.`, signature: `sig ${body.messages.length}` },
      { type: 'text', text: `You said: ${lastText(body)}` },
    ],
  }));
  const asked = { model: MODEL, instructions: 'Be brief.', reasoning: { effort: 'medium' as const } };
  const chained: string[] = [];
  let previous: OpenAiResponse | undefined;
  for (let turn = 0; turn < CHAIN; turn += 1) {
    const more = previous && { previous_response_id: previous.id };
    previous = await client.responses.create({ ...asked, input: `turn ${turn}`, ...more });
    chained.push(withoutSession(gateway.api.last.raw));
  }
  gateway.api.reset();
  const input: ResponseInput = [];
  for (let turn = 0; turn < CHAIN; turn += 1) {
    input.push(user(`turn ${turn}`));
    const response = await client.responses.create({
      ...asked,
      input,
      store: false,
      include: ['reasoning.encrypted_content'],
    });
    input.push(...(response.output as ResponseInputItem[]));
    assert.equal(withoutSession(gateway.api.last.raw), chained[turn], `turn ${turn}`);
  }
  assert.equal(chained.at(-1)?.match(/"type":"thinking"/g)?.length, CHAIN - 1);
});

test('a chain goes on where a process holds it, and a branch from its middle has its own way', async () => {
  const ask = async (input: string, previous?: string): Promise<[string, string]> => {
    const { data, response } = await gateway
      .client()
      .responses.create({ model: MODEL, input, ...(previous !== undefined && { previous_response_id: previous }) })
      .withResponse();
    return [data.id, /desc="(\w+)"/.exec(response.headers.get('server-timing') ?? '')?.[1] ?? ''];
  };
  const [first] = await ask('one');
  const [second, tier] = await ask('two', first);
  assert.equal(tier, 'live');
  await ask('three', second);
  await ask('other', first);
  assert.deepEqual(spokenMessages(gateway.api.last.body), [
    ['user', 'one'],
    ['assistant', 'You said: one'],
    ['user', 'other'],
  ]);
});

test('tools over several steps are true history by id, custom ones too', async () => {
  const client = gateway.client();
  const tools = [
    { type: 'function' as const, name: 'get_weather', strict: false, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    { type: 'custom' as const, name: 'apply_patch', description: 'Edits a file.' },
  ]; // prettier-ignore
  const named = (end: string, body: { tools?: { name: string }[] }): string =>
    body.tools?.find(({ name }) => name.endsWith(end))?.name ?? '';
  gateway.api.respond(({ body, index }) => {
    if (index === 0)
      return { kind: 'message', content: [{ type: 'tool_use', name: named('get_weather', body), input: { city: 'Oslo' }, id: 'toolu_w' }] }; // prettier-ignore
    if (index === 1)
      return { kind: 'message', content: [{ type: 'tool_use', name: named('apply_patch', body), input: { input: '+ "a"\n' }, id: 'toolu_p' }] }; // prettier-ignore
    return text('Done.');
  });
  const first = await client.responses.create({ model: MODEL, tools, input: 'go' });
  const [call] = first.output;
  assert.ok(call?.type === 'function_call');
  assert.deepEqual([call.name, JSON.parse(call.arguments)], ['get_weather', { city: 'Oslo' }]);
  const second = await client.responses.create({
    model: MODEL,
    tools,
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }],
  });
  const [patch] = second.output;
  assert.ok(patch?.type === 'custom_tool_call');
  assert.deepEqual([patch.name, patch.input], ['apply_patch', '+ "a"\n']);
  const stream = await client.responses.create({
    model: MODEL,
    tools,
    previous_response_id: second.id,
    input: [{ type: 'custom_tool_call_output', call_id: patch.call_id, output: 'applied' }],
    stream: true,
  });
  let said = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') said += event.delta;
  assert.equal(said, 'Done.');
  const { messages } = gateway.api.last.body;
  assert.deepEqual(messages.map(({ role, content }) => [role, kinds(content)]), [
    ['user', ['text']],
    ['assistant', ['tool_use']],
    ['user', ['tool_result']],
    ['assistant', ['tool_use']],
    ['user', ['tool_result']],
  ]); // prettier-ignore
});

test('encrypted reasoning is given back with its signature after a restart, and to no other key', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'responses-test-'));
  const api = await ScriptedMessagesApi.start();
  api.respond({
    kind: 'message',
    content: [
      { type: 'thinking', thinking: 'Let me think.', signature: 'the-signature' },
      { type: 'text', text: 'Yes.' },
    ],
  });
  const ask = (service: Gateway, input: ResponseInput): Promise<OpenAiResponse> =>
    service.client().responses.create({
      model: MODEL,
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'medium' },
      input,
    });
  const before = await Gateway.start({ api, directory });
  const first = await ask(before, [user('well?')]);
  await before.stop({ keepsDirectory: true });
  assert.equal(statSync(join(directory, 'data', 'reasoning.key')).mode & 0o777, 0o600);
  const restarted = await Gateway.start({ api, directory });
  await ask(restarted, [user('well?'), ...(first.output as ResponseInputItem[]), user('and?')]);
  const [thinking] = (api.last.body.messages[1]?.content ?? []) as object[];
  await restarted.stop({ keepsDirectory: true });
  const other = await Gateway.start({ api });
  await assert.rejects(ask(other, [user('well?'), ...(first.output as ResponseInputItem[]), user('and?')]), {
    status: 400,
    code: 'invalid_encrypted_content',
    param: 'input[1].encrypted_content',
  });
  await other.stop();
  await api.close();
  rmSync(directory, { recursive: true });
  assert.deepEqual(thinking, { type: 'thinking', thinking: 'Let me think.', signature: 'the-signature' });
});

test('a stored chain goes on after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'responses-test-'));
  const api = await ScriptedMessagesApi.start();
  const before = await Gateway.start({ api, directory });
  const first = await before.client().responses.create({ model: MODEL, input: 'one' });
  await before.stop({ keepsDirectory: true });
  const restarted = await Gateway.start({ api, directory });
  const retrieved = await restarted.client().responses.retrieve(first.id);
  await restarted.client().responses.create({ model: MODEL, input: 'two', previous_response_id: first.id });
  const spoken = spokenMessages(api.last.body);
  await restarted.stop({ keepsDirectory: true });
  await api.close();
  rmSync(directory, { recursive: true });
  assert.deepEqual(retrieved.output, first.output);
  assert.deepEqual(spoken, [['user', 'one'], ['assistant', 'You said: one'], ['user', 'two']]); // prettier-ignore
});

function kinds(content: unknown): string[] {
  return typeof content === 'string' ? ['text'] : (content as { type: string }[]).map(({ type }) => type);
}

/** A request without the id that each process has of its own. */
function withoutSession(raw: string): string {
  return raw.replace(/session_id\\":\\"[0-9a-f-]+/, 'session_id');
}
