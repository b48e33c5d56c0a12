// Guarantee: whatever changes a conversation during a turn, the model sees what is stored, in the same order, and a paid answer
// reaches its client.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { retrieve, say, texts, type Answer } from '../support/conversation-calls.ts';
import { filesThatHold } from '../support/files-that-hold.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { lastText, spokenMessages, text } from '../support/scripted-messages-api.ts';

let gateway: Gateway;
let release: () => void;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.api.reset();
  gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
});

/** Begins a turn whose answer does not end before `release` is called. */
async function begin(content: string, more: Record<string, unknown>): Promise<{ readonly answer: Promise<Answer> }> {
  const released = new Promise<void>((resolve) => (release = resolve));
  const before = gateway.api.requests.length;
  gateway.api.respond(async ({ body }) => {
    await released;
    return text(`You said: ${lastText(body)}`);
  });
  const answer = say(gateway, content, more);
  await gateway.api.until(({ requests }) => requests.length > before);
  return { answer };
}

const items = (): ReturnType<Gateway['client']>['conversations']['items'] => gateway.client().conversations.items;
const note = (content: string): { role: 'user'; content: string } => ({ role: 'user', content });

/** Asserts that the model is given what is stored, and nothing else. */
async function assertAgreed(conversationId: string, expected: [string, string][]): Promise<void> {
  assert.deepEqual(await texts(gateway, conversationId), expected);
  gateway.api.respond(text('Yes.'));
  await say(gateway, 'Sure?', { conversation_id: conversationId });
  const joined: [string, string][] = [];
  for (const [role, content] of expected) {
    const last = joined.at(-1);
    if (last?.[0] === role) last[1] += `\u0000${content}`;
    else joined.push([role, content]);
  }
  assert.deepEqual(spokenMessages(gateway.api.last.body), [...joined, ['user', 'Sure?']]);
}

const TURNS: [string, string][] = [
  ['user', 'one'],
  ['assistant', 'You said: one'],
  ['user', 'two'],
  ['assistant', 'You said: two'],
];
const NOTES: [string, string][] = [
  ['user', 'by the way'],
  ['assistant', 'Noted.'],
];

for (const stream of [false, true]) {
  test(`items that are posted during a turn (${stream ? 'streamed' : 'whole'}) come after it`, async () => {
    const { conversationId } = await say(gateway, 'one');
    const { answer } = await begin('two', { conversation_id: conversationId, stream });
    const posted = items().create(conversationId, { items: [note('by the way'), { role: 'assistant', content: 'Noted.' }] });
    assert.deepEqual(await texts(gateway, conversationId), TURNS.slice(0, 2));
    release();
    await Promise.all([answer, posted]);
    await assertAgreed(conversationId, [...TURNS, ...NOTES]);
  });
} // prettier-ignore

test('turns and items that come at the same moment are stored in the order in which the model sees them', async () => {
  const { conversationId } = await say(gateway, 'one');
  const { answer } = await begin('two', { conversation_id: conversationId });
  const posted = items().create(conversationId, { items: [note('by the way'), { role: 'assistant', content: 'Noted.' }] });
  const next = say(gateway, 'three', { conversation_id: conversationId });
  release();
  await Promise.all([answer, posted, next]);
  const stored = await texts(gateway, conversationId);
  const turn: [string, string][] = [['user', 'three'], ['assistant', 'You said: three']];
  const isBefore = stored.findIndex(([, said]) => said === 'by the way') < stored.findIndex(([, said]) => said === 'three');
  assert.deepEqual(stored, [...TURNS, ...(isBefore ? [...NOTES, ...turn] : [...turn, ...NOTES])]);
  const seen = spokenMessages(gateway.api.last.body);
  assert.deepEqual(seen, stored.slice(0, stored.findIndex(([, said]) => said === 'three') + 1));
}); // prettier-ignore

test('an item that is deleted during a turn is seen by that turn, and by none after it', async () => {
  const { conversationId } = await say(gateway, 'one');
  await items().create(conversationId, { items: [note('secret'), { role: 'assistant', content: 'Noted.' }] });
  const listed = await items().list(conversationId, { order: 'asc' });
  const secret = listed.data[2] as { id: string };
  const { answer } = await begin('two', { conversation_id: conversationId });
  const deleted = items().delete(secret.id, { conversation_id: conversationId });
  assert.equal((await texts(gateway, conversationId)).length, 4);
  release();
  await Promise.all([answer, deleted]);
  assert.ok(JSON.stringify(gateway.api.last.body.messages).includes('secret'));
  await say(gateway, 'three', { conversation_id: conversationId });
  assert.ok(!JSON.stringify(gateway.api.last.body.messages).includes('secret'));
  assert.ok(!(await texts(gateway, conversationId)).some(([, said]) => said === 'secret'));
});

test('items that are posted at the same moment, without a turn, are all stored', async () => {
  const { id } = await gateway.client().conversations.create();
  const created = await Promise.all(
    Array.from({ length: 20 }, (_value, index) => items().create(id, { items: [note(`note ${index}`)] })),
  );
  const ids = new Set(created.flatMap(({ data }) => data.map((item) => ('id' in item ? item.id : ''))));
  const listed = await items().list(id, { order: 'asc', limit: 100 });
  assert.deepEqual([ids.size, listed.data.length], [20, 20]);
});

test('items and metadata for a conversation whose first turn still runs are applied after it', async () => {
  const { answer, id } = await beginFirst();
  const posted = items().create(id, { items: [note('by the way')] });
  const renamed = gateway.client().conversations.update(id, { metadata: { topic: 'demo' } });
  release();
  await Promise.all([answer, posted, renamed]);
  assert.deepEqual(await texts(gateway, id), [
    ['user', 'one'],
    ['assistant', 'You said: one'],
    ['user', 'by the way'],
  ]);
  assert.deepEqual((await retrieve(gateway, id)).metadata, { topic: 'demo' });
});

/** Begins a conversation, whose id is told in a stream before its first answer has ended. */
async function beginFirst(): Promise<{ readonly answer: Promise<string>; readonly id: string }> {
  gateway.api.reset();
  gateway.api.respond(text('You said: one', { deltaDelayMs: 150, deltaLength: 3 }));
  release = () => undefined;
  const response = await gateway.post({ ...ask('one'), stream: true });
  return { answer: response.text(), id: response.headers.get('x-conversation-id') ?? '' };
}

describe('a conversation that is deleted during a turn', () => {
  for (const stream of [false, true]) {
    test(`delivers the answer (${stream ? 'streamed' : 'whole'}), refuses waiting turns, and leaves nothing on disk`, async () => {
      const words = `words-of-a-deleted-conversation-${stream}`;
      const { conversationId } = await say(gateway, 'one');
      const { answer } = await begin(words, { conversation_id: conversationId, stream });
      const waiting = say(gateway, 'and then?', { conversation_id: conversationId });
      await gateway.client().conversations.delete(conversationId);
      release();
      const { status, content, headers } = await answer;
      assert.deepEqual([status, content], [200, `You said: ${words}`]);
      if (!stream) assert.equal(headers.get('x-claude-code-conversation-storage'), 'none');
      const refused = await waiting;
      assert.deepEqual([refused.status, refused.code], [404, 'conversation_not_found']);
      assert.equal(gateway.api.requests.length, 2);
      await assert.rejects(retrieve(gateway, conversationId), { status: 404 });
      assert.deepEqual(filesThatHold(join(gateway.directory, 'data'), words), []);
    });
  }

  test('is deleted with its first answer, which is delivered', async () => {
    const { answer, id } = await beginFirst();
    const deleted = gateway.client().conversations.delete(id);
    assert.match(await answer, /\[DONE\]/);
    assert.equal((await deleted).deleted, true);
    await assert.rejects(retrieve(gateway, id), { status: 404 });
  });

  test('in memory is deleted as well, and its answer delivered', async () => {
    const { conversationId } = await say(gateway, 'one', { store: false });
    const { answer } = await begin('two', { conversation_id: conversationId, store: false });
    await gateway.client().conversations.delete(conversationId);
    release();
    assert.deepEqual([(await answer).status, (await answer).content], [200, 'You said: two']);
    await assert.rejects(retrieve(gateway, conversationId), { status: 404 });
  });
});
