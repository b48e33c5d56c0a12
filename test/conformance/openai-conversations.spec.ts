// Guarantee: the openai package's conversations work as with OpenAI, and chat completions go on with them.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { NotFoundError } from 'openai';
import type { Conversation, ConversationItem } from 'openai/resources/conversations';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { lastText, spokenMessages, text } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';

const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
});
afterEach(() => probe.finish());

const client = (): ReturnType<Gateway['client']> => gateway.client({ fetch: probe.fetch });
const message = (role: 'user' | 'assistant', content: string) => ({ type: 'message' as const, role, content });

/** The texts of all items of a conversation, the oldest first, in pages of two. */
async function saidIn(id: string): Promise<string[]> {
  const said: string[] = [];
  for await (const item of client().conversations.items.list(id, { order: 'asc', limit: 2 })) {
    assertMatchesSchema('ConversationItem', item);
    said.push(textOf(item));
  }
  return said;
}

function textOf(item: ConversationItem): string {
  if (item.type !== 'message') return item.type;
  return `${item.role}: ${item.content.map((part) => ('text' in part ? part.text : part.type)).join('|')}`;
}

test('a conversation is created, retrieved, updated and deleted', async () => {
  const { conversations } = client();
  const created = await conversations.create({ metadata: { topic: 'weather' } });
  assertMatchesSchema('ConversationResource', created);
  assert.deepEqual(await conversations.retrieve(created.id), created);
  const updated: Conversation = await conversations.update(created.id, { metadata: { topic: 'news' } });
  assertMatchesSchema('ConversationResource', updated);
  assert.deepEqual(updated.metadata, { topic: 'news' });
  const deleted = await conversations.delete(created.id);
  assertMatchesSchema('DeletedConversationResource', deleted);
  await assert.rejects(conversations.retrieve(created.id), (error: unknown) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.code, 'conversation_not_found');
    return true;
  });
  assert.equal(gateway.api.requests.length, 0);
});

test('items are created, listed page by page, retrieved and deleted', async () => {
  const { conversations } = client();
  const { id } = await conversations.create({ items: [message('user', 'one')] });
  const added = await conversations.items.create(id, {
    items: [message('assistant', 'two'), message('user', 'three')],
  });
  assertMatchesSchema('ConversationItemList', added);
  assert.deepEqual(await saidIn(id), ['user: one', 'assistant: two', 'user: three']);
  const [second] = added.data;
  assert.ok(second?.id);
  const item = await conversations.items.retrieve(second.id, { conversation_id: id });
  assertMatchesSchema('ConversationItem', item);
  assert.equal(textOf(item), 'assistant: two');
  const rest = await conversations.items.delete(second.id, { conversation_id: id });
  assertMatchesSchema('ConversationResource', rest);
  await assert.rejects(conversations.items.retrieve(second.id, { conversation_id: id }), { code: 'item_not_found' });
  assert.deepEqual(await saidIn(id), ['user: one', 'user: three']);
});

test('chat completions go on with a conversation, whole and streamed, and its items tell them', async () => {
  const { id } = await client().conversations.create({ items: [message('user', 'I am Ada.'), message('assistant', 'Hello Ada.')] }); // prettier-ignore
  const whole = await client().chat.completions.create(ask('Who am I?', { conversation_id: id }));
  assert.equal(whole.choices[0]?.message.content, 'You said: Who am I?');
  assert.equal((whole as { conversation_id?: string }).conversation_id, id);
  const stream = client().chat.completions.stream(ask('Sure?', { conversation_id: id }));
  assert.equal(await stream.finalContent(), 'You said: Sure?');
  assert.deepEqual(spokenMessages(gateway.api.last.body), [
    ['user', 'I am Ada.'],
    ['assistant', 'Hello Ada.'],
    ['user', 'Who am I?'],
    ['assistant', 'You said: Who am I?'],
    ['user', 'Sure?'],
  ]);
  assert.deepEqual(
    (await saidIn(id)).slice(2),
    ['user: Who am I?', 'assistant: You said: Who am I?', 'user: Sure?', 'assistant: You said: Sure?'],
  ); // prettier-ignore
  assert.deepEqual([...probe.ignored], []);
});

test('a conversation begins with a chat completion', async () => {
  const first = await client().chat.completions.create(ask('I am Ada.'));
  const { conversation_id: id } = first as unknown as { conversation_id: string };
  assertMatchesSchema('ConversationResource', await client().conversations.retrieve(id));
  assert.deepEqual(await saidIn(id), ['user: I am Ada.', 'assistant: You said: I am Ada.']);
});
