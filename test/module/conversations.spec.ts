// Guarantee: the `openai` client's conversations work, in OpenAI's shapes, and nobody reaches a conversation of another key.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import OpenAI from 'openai';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { dataUrl, PDF, png } from '../support/media-samples.ts';
import { TestApplication } from '../support/test-application.ts';
import type { ConversationList } from '../../src/conversations/conversations.service.ts';
import type { ConversationObject } from '../../src/conversations/to-conversation.ts';

const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
const PIXEL = dataUrl('image/png', png());

let service: TestApplication;
beforeAll(async () => {
  const keys = ['alice', 'bob'].map((name) => ({ name, sha256: digest(`key-of-${name}`) }));
  service = await TestApplication.start({ AUTH__KEYS: JSON.stringify(keys) });
});
afterAll(() => service.stop());

const clientOf = (name: string): OpenAI =>
  new OpenAI({ baseURL: `${service.url}/v1`, apiKey: `key-of-${name}`, maxRetries: 0 });

async function call(
  method: string,
  path: string,
  body?: unknown,
  name = 'alice',
): Promise<{ status: number; body: { error?: { param: string | null; code: string | null; message: string } } }> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer key-of-${name}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const json = (await response.json()) as { error?: { param: string | null; code: string | null; message: string } };
  if (response.status >= 400) assertMatchesSchema('ErrorResponse', json);
  return { status: response.status, body: json };
}

const said = (content: string): ResponseInputItem => ({ role: 'user', content });

describe('a conversation', () => {
  test('is created, read, changed and deleted', async () => {
    const { conversations } = clientOf('alice');
    const created = await conversations.create({ metadata: { topic: 'demo' } });
    assertMatchesSchema('ConversationResource', created);
    assert.match(created.id, /^conv_[0-9a-f]{48}$/);
    assert.deepEqual(created.metadata, { topic: 'demo' });
    assert.deepEqual(await conversations.retrieve(created.id), created);
    const updated = await conversations.update(created.id, { metadata: { topic: 'other' } });
    assert.deepEqual(updated.metadata, { topic: 'other' });
    const deleted = await conversations.delete(created.id);
    assertMatchesSchema('DeletedConversationResource', deleted);
    assert.deepEqual(deleted, { id: created.id, object: 'conversation.deleted', deleted: true });
    await assert.rejects(conversations.retrieve(created.id), { status: 404, code: 'conversation_not_found' });
    await assert.rejects(conversations.delete(created.id), { status: 404 });
  });

  test('is created from nothing, and tells what is ours', async () => {
    const created = (await clientOf('alice').conversations.create()) as ConversationObject;
    assert.equal(created.expires_at - created.updated_at, 30 * 60);
    assert.deepEqual(
      { model: created.model, messages: created.message_count, live: created.live, cost: created.cost },
      { model: null, messages: 0, live: false, cost: { usd: 0 } },
    );
    assert.equal(created.usage.total_tokens, 0);
  });

  test('takes a model and a system text of ours; an unknown model is refused', async () => {
    const created = await call('POST', '/v1/conversations', { model: 'sonnet', system: 'Be brief.' });
    const { id, model, message_count: count } = created.body as unknown as ConversationObject;
    assert.deepEqual([created.status, model, count], [200, 'sonnet', 1]);
    const items = await clientOf('alice').conversations.items.list(id);
    assert.deepEqual(
      items.data.map((item) => item.type === 'message' && item.role),
      ['system'],
    );
    const refused = await call('POST', '/v1/conversations', { model: 'gpt-none' });
    assert.deepEqual([refused.status, refused.body.error?.code], [404, 'model_not_found']);
  });
});

describe('items', () => {
  test('come back as they were given, in order, page by page', async () => {
    const { conversations } = clientOf('alice');
    const given: ResponseInputItem[] = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look:' }, { type: 'input_image', image_url: PIXEL, detail: 'auto' }] },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'rain' },
      { role: 'assistant', content: 'It rains.' },
    ]; // prettier-ignore
    const { id } = await conversations.create({ items: given });
    const more = await conversations.items.create(id, { items: [said('and now?')] });
    assertMatchesSchema('ConversationItemList', more);
    assert.equal(more.data.length, 1);
    const seen = [];
    for await (const item of conversations.items.list(id, { order: 'asc', limit: 2 })) {
      assertMatchesSchema('ConversationItem', item);
      seen.push(item);
    }
    assert.deepEqual(
      seen.map((item) => (item.type === 'message' ? [item.type, item.role, item.content] : [item.type])),
      [
        ['message', 'user', [{ type: 'input_text', text: 'Look:' }, { type: 'input_image', image_url: PIXEL, file_id: null, detail: 'auto' }]],
        ['function_call'],
        ['function_call_output'],
        ['message', 'assistant', [{ type: 'output_text', text: 'It rains.', annotations: [], logprobs: [] }]],
        ['message', 'user', [{ type: 'input_text', text: 'and now?' }]],
      ],
    ); // prettier-ignore
    const newest = await conversations.items.list(id, { limit: 1 });
    assert.deepEqual([newest.data[0]?.type, newest.has_more], ['message', true]);
    const call = seen[1]!;
    assert.ok('id' in call && typeof call.id === 'string');
    assert.deepEqual(await conversations.items.retrieve(call.id, { conversation_id: id }), call);
    const rest = (await conversations.items.delete(call.id, { conversation_id: id })) as ConversationObject;
    assert.deepEqual([rest.id, rest.message_count], [id, 3]);
    await assert.rejects(conversations.items.retrieve(call.id, { conversation_id: id }), {
      status: 404,
      code: 'item_not_found',
    });
  });

  for (const [what, item, param] of [
    ['another kind of item', { type: 'web_search_call' }, 'items[0].type'],
    [
      'an image that is only a link',
      { role: 'user', content: [{ type: 'input_image', image_url: 'http://127.0.0.1/x.png' }] },
      'items[0].content[0].image_url',
    ],
    ...[
      ['an image without anything in it', 'data:image/png;base64,iVBORw0KGgo='],
      ['an image of more pixels than the model takes', dataUrl('image/png', png(8_001, 1))],
      ['a document as an image', dataUrl('image/png', PDF)],
      ['an image that is no base64', 'data:image/png;base64,%'],
    ].map(
      ([what, url]) =>
        [
          String(what),
          { role: 'user', content: [{ type: 'input_image', image_url: url }] },
          'items[0].content[0].image_url',
        ] as const,
    ),
    ['a file', { role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }, 'items[0].content[0].type'],
    ['an empty text', { role: 'user', content: ' ' }, 'items[0].content.text'],
    ['a call without an id', { type: 'function_call', name: 'b', arguments: '{}' }, 'items[0].call_id'],
    ['an unknown role', { role: 'critic', content: 'x' }, 'items[0].role'],
  ] as const) {
    // prettier-ignore
    test(`${what} is a 400 that says where`, async () => {
      const { status, body } = await call('POST', '/v1/conversations', { items: [item] });
      assert.deepEqual([status, body.error?.param], [400, param]);
    });
  }

  test('the arguments of a call come back byte for byte, whatever they are', async () => {
    const written = [
      '{ "id": 12345678901234567890, "price": 1.10 }',
      '{"city": "Ro',
      '{"text": "a\nb"}',
      '[1]',
      ...[300, 6_000].map((levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`),
    ];
    const items = written.map((json, index) => ({ type: 'function_call' as const, call_id: `call_${index}`, name: 'f', arguments: json })); // prettier-ignore
    const { conversations } = clientOf('alice');
    const { id } = await conversations.create({ items });
    const { data } = await conversations.items.list(id, { order: 'asc' });
    assert.deepEqual(
      data.map((item) => item.type === 'function_call' && item.arguments),
      written,
    );
  });

  test('no more than twenty come at once', async () => {
    const items = Array.from({ length: 21 }, () => said('x'));
    const { status, body } = await call('POST', '/v1/conversations', { items });
    assert.deepEqual([status, body.error?.param, body.error?.code], [400, 'items', 'array_above_max_length']);
  });
});

test('a conversation that is full of system texts is a 400 for one more, and goes on', async () => {
  const { conversations } = clientOf('alice');
  const { id } = await conversations.create();
  const system = { role: 'system', content: 'Be brief.' } as const;
  for (let left = 1024; left > 0; left -= 20)
    await conversations.items.create(id, { items: Array.from({ length: Math.min(left, 20) }, () => system) });
  const { status, body } = await call('POST', `/v1/conversations/${id}/items`, { items: [system] });
  assert.deepEqual([status, body.error?.code, body.error?.param], [400, 'conversation_full', 'items']);
  assert.match(body.error?.message ?? '', /1024 system texts/);
  const { data } = await conversations.items.create(id, { items: [said('hello')] });
  assert.equal(data.length, 1);
});

describe('what has no effect', () => {
  const detailed = { role: 'user', content: [{ type: 'input_image', image_url: PIXEL, detail: 'high' }] };
  const echoed = { ...said('x'), id: 'msg_1', status: 'incomplete', name: 'a' };
  for (const [what, path, body, fields] of [
    ['a conversation', '', { items: [detailed, echoed, echoed], parent: 1, metadata: null }, 'items.content.detail, items.status, items.name, parent'],
    ['its metadata', '/ID', { metadata: {}, model: 'sonnet' }, 'model'],
    ['its items', '/ID/items?include=logprobs', { items: [echoed], after: 'x' }, 'items.status, items.name, after, include'],
    ['a conversation that is only looked at', '/ID?include=x', undefined, 'include'],
    ['what an answer was annotated with', '', { items: [{ role: 'assistant', content: [{ type: 'output_text', text: 'x', annotations: [{}], logprobs: [] }] }] }, 'items.content.annotations'],
    ['nothing else', '', { items: [{ ...said('x'), status: 'completed' }, { ...detailed, content: [{ ...detailed.content[0], detail: 'auto' }] }] }, null],
    ['the list', '?include=x&page=2', undefined, 'include, page'],
    ['the list of items', '/ID/items?include[]=x&limit=1', undefined, 'include[]'],
    ['an item', '/ID/items/ITEM?include=x', undefined, 'include'],
  ] as const) {
    test(`is named for ${what}`, async () => {
      const { conversations } = clientOf('alice');
      const { id } = await conversations.create({ items: [said('x')] });
      const item = (await conversations.items.list(id)).data[0] as { id: string };
      const response = await fetch(`${service.url}/v1/conversations${path.replace('ID', id).replace('ITEM', item.id)}`, {
        method: body ? 'POST' : 'GET',
        headers: { 'authorization': 'Bearer key-of-alice', 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      assert.deepEqual([response.status, response.headers.get('x-claude-code-ignored')], [200, fields]);
    });
  } // prettier-ignore

  test('is refused where the service refuses such fields, and nothing is changed', async () => {
    const strict = await TestApplication.start({ CLAUDE__STRICT_PARAMETERS: 'true' });
    try {
      const { conversations } = new OpenAI({ baseURL: `${strict.url}/v1`, apiKey: 'none', maxRetries: 0 });
      const { id } = await conversations.create({ items: [said('x')] });
      const more = { items: [said('y')], parent: 1 };
      // Items as they are told can be given to another conversation.
      const copy = await conversations.create({ items: (await conversations.items.list(id)).data as ResponseInputItem[] });
      assert.equal((await conversations.items.list(copy.id)).data.length, 1);
      await assert.rejects(conversations.items.create(id, more), { status: 400, code: 'unsupported_parameter', param: 'parent' });
      assert.equal((await conversations.items.list(id)).data.length, 1);
    } finally {
      await strict.stop();
    }
  }); // prettier-ignore
});

describe('the list', () => {
  let someId: string;
  beforeAll(async () => {
    someId = (await clientOf('alice').conversations.create()).id;
  });

  test('has the newest first, in pages, and only those of the key', async () => {
    const own = clientOf('bob').conversations;
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift((await own.create()).id);
    const first = (await call('GET', '/v1/conversations?limit=2', undefined, 'bob')).body as unknown as ConversationList;
    assert.deepEqual(first.data.map(({ id }) => id), ids.slice(0, 2));
    assert.deepEqual([first.object, first.first_id, first.last_id, first.has_more], ['list', ids[0], ids[1], true]);
    const rest = (await call('GET', `/v1/conversations?limit=3&after=${first.last_id}`, undefined, 'bob')).body as unknown as ConversationList;
    assert.deepEqual(rest.data.map(({ id }) => id), ids.slice(2));
    assert.equal(rest.has_more, false);
    const upward = (await call('GET', '/v1/conversations?order=asc', undefined, 'bob')).body as unknown as ConversationList;
    assert.deepEqual(upward.data.map(({ id }) => id), ids.toReversed());
  }); // prettier-ignore

  for (const [query, code] of [
    ['limit=0', 'number_below_min_value'],
    ['limit=101', 'number_above_max_value'],
    ['limit=x', 'invalid_type'],
    ['limit=', 'invalid_type'],
    ['limit=1&limit=2', 'invalid_type'],
    ['order=up', 'invalid_value'],
    ['after=', 'empty_string'],
    ['after=conv_none', 'invalid_value'],
  ] as const) {
    test(`${query} is a 400`, async () => {
      for (const path of ['/v1/conversations', `/v1/conversations/${someId}/items`]) {
        const { status, body } = await call('GET', `${path}?${query}`);
        assert.deepEqual([status, body.error?.param, body.error?.code], [400, query.split('=')[0], code]);
      }
    });
  }
});

describe('what is not theirs', () => {
  test('a conversation of another key is not there, whatever is asked of it', async () => {
    const alice = clientOf('alice').conversations;
    const { id } = await alice.create({ items: [said('secret')] });
    const item = (await alice.items.list(id)).data[0]! as { id: string };
    for (const [method, path, body] of [
      ['GET', `/v1/conversations/${id}`],
      ['POST', `/v1/conversations/${id}`, { metadata: {} }],
      ['DELETE', `/v1/conversations/${id}`],
      ['GET', `/v1/conversations/${id}/items`],
      ['POST', `/v1/conversations/${id}/items`, { items: [said('x')] }],
      ['GET', `/v1/conversations/${id}/items/${item.id}`],
      ['DELETE', `/v1/conversations/${id}/items/${item.id}`],
    ] as const) {
      const answer = await call(method, path, body, 'bob');
      assert.deepEqual([answer.status, answer.body.error?.code], [404, 'conversation_not_found'], `${method} ${path}`);
    }
    assert.equal((await call('GET', `/v1/conversations?after=${id}`, undefined, 'bob')).status, 400);
    assert.equal((await alice.items.list(id)).data.length, 1);
  });

  test('an item of another conversation is not there', async () => {
    const { conversations } = clientOf('alice');
    const one = await conversations.create({ items: [said('one')] });
    const other = await conversations.create({ items: [said('other')] });
    const { id } = (await conversations.items.list(one.id)).data[0]! as { id: string };
    await assert.rejects(conversations.items.retrieve(id, { conversation_id: other.id }), { status: 404 });
    await assert.rejects(conversations.items.delete(id, { conversation_id: other.id }), { status: 404 });
  });

  for (const id of [
    'conv_',
    `conv_${'0'.repeat(48)}`,
    '..%2f..%2fetc%2fpasswd',
    '%00',
    "x'%20OR%20'1'='1",
    'conv_%F0%9F%A6%8A',
    'a'.repeat(5000),
  ]) {
    test(`the id ${id.slice(0, 60)} is a 404`, async () => {
      for (const path of [`/v1/conversations/${id}`, `/v1/conversations/${id}/items`]) {
        const { status, body } = await call('GET', path);
        assert.deepEqual([status, body.error?.code], [404, 'conversation_not_found']);
        assert.ok((body.error?.message.length ?? 0) < 300);
      }
    });
  }
});

describe('metadata', () => {
  const many = Object.fromEntries(Array.from({ length: 17 }, (_value, index) => [`k${index}`, 'v']));
  for (const [what, metadata, param] of [
    ['seventeen keys', many, 'metadata'],
    ['a long key', { ['k'.repeat(65)]: 'v' }, `metadata.${'k'.repeat(65)}`],
    ['a list', ['v'], 'metadata'],
    ['a long value', { key: 'v'.repeat(513) }, 'metadata.key'],
    ['a number', { key: 1 }, 'metadata.key'],
    ['ten megabytes', { key: 'v'.repeat(10_000_000) }, 'metadata.key'],
    ['a key of ten megabytes', { ['k'.repeat(10_000_000)]: 'v' }, undefined],
  ] as const) {
    test(`${what} is a 400`, async () => {
      const { status, body } = await call('POST', '/v1/conversations', { metadata });
      assert.equal(status, 400);
      assert.ok((body.error?.message.length ?? 0) < 1000);
      if (param !== undefined) assert.equal(body.error?.param, param);
    });
  }

  test('sixteen keys of the largest size are taken', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_value, index) => [String(index).padStart(64, 'k'), 'v'.repeat(512)]),
    );
    const created = await clientOf('alice').conversations.create({ metadata });
    assert.deepEqual(created.metadata, metadata);
  });

  test('null takes it away', async () => {
    const { conversations } = clientOf('alice');
    const { id } = await conversations.create({ metadata: { a: 'b' } });
    assert.deepEqual((await conversations.update(id, { metadata: null })).metadata, {});
    assert.equal((await call('POST', `/v1/conversations/${id}`, {})).body.error?.param, 'metadata');
  });
});
