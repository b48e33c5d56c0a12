// Guarantee: a conversation is bounded in what is sent of it, what it holds and who waits for it, and is there for its own key
// only.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ConversationObject } from '../../src/conversations/to-conversation.ts';
import { say, texts, tierOf } from '../support/conversation-calls.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

const digest = (key: string): string => createHash('sha256').update(key).digest('hex');

describe('with bounds', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start({
      settings: {
        CONVERSATION__MAX_HISTORY_MESSAGES: '6',
        CONVERSATION__QUEUE_SIZE: '1',
        CLAUDE__USE_INTERACTIVE_SESSIONS: 'false',
        AUTH__KEYS: JSON.stringify(
          ['alice', 'bob'].map((name) => ({ name, sha256: digest(`key-of-${name}`), admin: name === 'alice' })),
        ),
      },
    });
  });
  afterAll(() => gateway.stop());
  const as = (name: string): Record<string, string> => ({ authorization: `Bearer key-of-${name}` });

  test('the oldest turns are left out whole, down to half, and the header says so', async () => {
    const { conversationId } = await say(gateway, [{ role: 'system', content: 'S' }, { role: 'user', content: '0' }], {}, as('alice')); // prettier-ignore
    const sent: [number, string | null][] = [];
    for (let turn = 1; turn <= 7; turn += 1) {
      const answer = await say(gateway, String(turn), { conversation_id: conversationId }, as('alice'));
      const seen = spokenMessages(gateway.api.last.body);
      assert.equal(seen[0]?.[0], 'user');
      assert.deepEqual(systemTexts(gateway.api.last.body), ['S']);
      assert.deepEqual(seen.at(-1), ['user', String(turn)]);
      sent.push([seen.length, answer.headers.get('x-claude-code-history-truncated')]);
    }
    assert.deepEqual(sent, [[3, null], [5, null], [3, '4'], [5, '4'], [3, '8'], [5, '8'], [3, '12']]); // prettier-ignore
  });

  test('without interactive sessions the process forgets the conversation after each turn', async () => {
    const { conversationId } = await say(gateway, 'one', {}, as('alice'));
    const second = await say(gateway, 'two', { conversation_id: conversationId }, as('alice'));
    assert.ok(['empty', 'emptied', 'spare', 'started'].includes(tierOf(second) ?? ''), tierOf(second));
    assert.equal(gateway.api.last.body.messages.length, 3);
    await waitFor('every process to be empty', async () => {
      const { pool } = (await (await fetch(`${gateway.url}/stats`, { headers: as('alice') })).json()) as {
        pool: { processes: { live: number; empty: number; settling: number } };
      };
      const { live, empty, settling } = pool.processes;
      return live === 0 && settling === 0 && empty > 0;
    });
    const record = await gateway.client({ apiKey: 'key-of-alice' }).conversations.retrieve(conversationId);
    assert.equal((record as ConversationObject).live, false);
  });

  test('the line of a conversation is bounded, and those who leave it make room', async () => {
    const { conversationId } = await say(gateway, 'one', {}, as('alice'));
    const more = { conversation_id: conversationId };
    gateway.api.reset();
    gateway.api.respondOnce(text('a slow answer of many pieces', { deltaDelayMs: 30, deltaLength: 1 }));
    const running = say(gateway, 'running', more, as('alice'));
    await gateway.api.until(({ requests }) => requests.length === 1);
    const waiting = [0, 1].map((index) => {
      const leaving = new AbortController();
      const init = { signal: leaving.signal, headers: as('alice') };
      const answer = gateway.post({ ...ask('waits'), ...more }, init).then(
        (response) => ({ index, status: response.status, retryAfter: response.headers.get('retry-after') }),
        () => ({ index, status: 0, retryAfter: null }),
      );
      return { leaving, answer };
    });
    const refused = await Promise.race(waiting.map(({ answer }) => answer));
    assert.deepEqual([refused.status, refused.retryAfter], [409, '1']);
    const other = waiting[1 - refused.index]!;
    other.leaving.abort();
    assert.equal((await other.answer).status, 0);
    assert.equal((await running).status, 200);
    assert.equal((await say(gateway, 'after', more, as('alice'))).status, 200);
    assert.deepEqual(spokenMessages(gateway.api.last.body).map(([, said]) => said).slice(-2), [
      'a slow answer of many pieces', 'after',
    ]); // prettier-ignore
  });

  test('a conversation of another key is not there, and the model is not asked', async () => {
    const { conversationId } = await say(gateway, 'mine', {}, as('alice'));
    gateway.api.reset();
    const foreign = await say(gateway, 'what was said?', { conversation_id: conversationId }, as('bob'));
    assert.deepEqual([foreign.status, foreign.code], [404, 'conversation_not_found']);
    assert.equal(gateway.api.requests.length, 0);
  });
});

describe('with room for one megabyte', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start({ settings: { CONVERSATION__MAX_MEGABYTES: '1' } });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.api.reset();
    gateway.api.respond(text('Noted.'));
  });
  const LONG = 'Long. '.repeat(100_000);

  for (const [what, content, more] of [
    ['a text', LONG.repeat(2), {}],
    ['a text, streamed', LONG.repeat(2), { stream: true }],
    ['a text that is kept in memory only', LONG.repeat(2), { store: false }],
    ['characters that take three bytes each', '語'.repeat(400_000), {}],
    ['many short texts', Array.from({ length: 2000 }, () => ({ role: 'user', content: '"'.repeat(300) })), {}],
    ['a system text', [{ role: 'system', content: LONG.repeat(2) }, { role: 'user', content: 'x' }], {}],
    ['a history', [{ role: 'user', content: LONG }, { role: 'assistant', content: LONG }, { role: 'user', content: 'x' }], {}],
  ] as [string, string | ChatCompletionMessageParam[], Record<string, unknown>][]) {
    test(`a new conversation that ${what} would make too large is refused before the model is asked`, async () => {
      const response = await gateway.post({ ...ask(''), messages: typeof content === 'string' ? [{ role: 'user', content }] : content, ...more });
      const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
      assert.deepEqual([response.status, error.code, error.param], [400, 'conversation_full', 'messages']);
      assert.match(error.message, /at most 1 MB/);
      assert.equal(gateway.api.requests.length, 0);
    });
  } // prettier-ignore

  test('a turn that a conversation cannot hold is refused alike, and the conversation continues with a shorter one', async () => {
    const { conversationId } = await say(gateway, LONG);
    const more = { conversation_id: conversationId };
    gateway.api.reset();
    for (const content of [
      LONG,
      [
        { role: 'system' as const, content: LONG },
        { role: 'user' as const, content: 'x' },
      ],
    ]) {
      const refused = await say(gateway, content, more);
      assert.deepEqual([refused.status, refused.code], [400, 'conversation_full']);
    }
    assert.equal(gateway.api.requests.length, 0);
    assert.equal((await say(gateway, 'short', more)).status, 200);
    assert.deepEqual(
      (await texts(gateway, conversationId)).map(([, said]) => said),
      [LONG, 'Noted.', 'short', 'Noted.'],
    );
  });

  test('a paid answer is stored, however long it is; then the conversation is full', async () => {
    gateway.api.respond(text(LONG.repeat(2), { deltaLength: 100_000 }));
    const { conversationId, status } = await say(gateway, 'Tell me.');
    assert.equal(status, 200);
    assert.equal((await texts(gateway, conversationId)).length, 2);
    gateway.api.reset();
    const refused = await say(gateway, 'More.', { conversation_id: conversationId });
    assert.deepEqual([refused.status, refused.code, gateway.api.requests.length], [400, 'conversation_full', 0]);
  });

  test('posted items are bounded alike', async () => {
    const { conversations } = gateway.client();
    const large = { role: 'user', content: LONG } as const;
    await assert.rejects(conversations.create({ items: [large, large] }), { status: 400, code: 'conversation_full', param: 'items' });
    const { id } = await conversations.create({ items: [large] });
    await assert.rejects(conversations.items.create(id, { items: [large] }), { status: 400, code: 'conversation_full', param: 'items' });
    assert.equal((await conversations.items.list(id)).data.length, 1);
  }); // prettier-ignore
});
