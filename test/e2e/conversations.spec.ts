// Guarantee: what a conversation holds is exactly its successful turns, and that is what the model is given.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { modelToolName, toolServerName } from '../../src/claude-cli/session/client-tools.ts';
import { retrieve, say, texts, tierOf, type Completion } from '../support/conversation-calls.ts';
import { filesThatHold } from '../support/files-that-hold.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { failure, lastText, spokenMessages, systemTexts, text } from '../support/scripted-messages-api.ts';
import { weather, weatherTool } from '../support/weather-tool.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The Messages API's stream of a text and a call that ends at the limit of the answer. */
function cutOffInCall(): string {
  const name = modelToolName(toolServerName([weather]), weather.name);
  const usage = { input_tokens: 1, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const events = [
    { type: 'message_start', message: { id: 'msg_cut', type: 'message', role: 'assistant', model: 'claude-haiku-4-5', content: [], stop_reason: null, stop_sequence: null, usage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Let me look.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_cut', name, input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"city":"Os' } },
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'max_tokens', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]; // prettier-ignore
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

describe('by its id', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.api.reset();
    gateway.api.respond(({ body }) => text(`You said: ${lastText(body)}`));
  });

  for (const stream of [false, true]) {
    test(`a conversation goes on, ${stream ? 'streamed' : 'whole'}, on the process that holds it`, async () => {
      const first = await say(gateway, 'one', { stream });
      const second = await say(gateway, 'two', { stream, conversation_id: first.conversationId });
      const third = await say(gateway, 'three', { stream }, { 'x-conversation-id': first.conversationId });
      assert.equal(third.content, 'You said: three');
      assert.deepEqual([second.conversationId, third.conversationId], [first.conversationId, first.conversationId]);
      assert.deepEqual([tierOf(second), tierOf(third)], ['live', 'live']);
      assert.deepEqual(spokenMessages(gateway.api.last.body), [
        ['user', 'one'],
        ['assistant', 'You said: one'],
        ['user', 'two'],
        ['assistant', 'You said: two'],
        ['user', 'three'],
      ]);
      const record = await retrieve(gateway, first.conversationId);
      assert.deepEqual([record.live, record.message_count, record.model], [true, 6, 'claude-haiku-4-5']);
      assert.equal(record.usage.completion_tokens, 21);
      assert.ok(record.cost.usd > 0);
    });
  }

  test('messages that begin with all that is stored add only the rest; others are added whole', async () => {
    const { conversationId } = await say(gateway, 'one');
    const more = { conversation_id: conversationId };
    const retold: ChatCompletionMessageParam[] = [
      { role: 'user', content: [{ type: 'text', text: 'one' }] },
      { role: 'assistant', content: 'You said: one' },
      { role: 'user', content: 'two' },
    ];
    const second = await say(gateway, retold, more);
    assert.equal(tierOf(second), 'live');
    assert.equal(gateway.api.last.body.messages.length, 3);
    await say(gateway, [{ role: 'user', content: 'one, edited' }], more);
    assert.deepEqual(spokenMessages(gateway.api.last.body).map(([, said]) => said), [
      'one', 'You said: one', 'two', 'You said: two', 'one, edited',
    ]); // prettier-ignore
    const edited: ChatCompletionMessageParam[] = [
      { role: 'user', content: 'other' },
      { role: 'assistant', content: 'You said: one' },
      { role: 'user', content: 'and?' },
    ];
    await say(gateway, edited, more);
    assert.equal(gateway.api.last.body.messages.length, 9);
  });

  test('system texts are kept, and replaced by those of a request that has some', async () => {
    const { conversationId } = await say(gateway, [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
    ]);
    const more = { conversation_id: conversationId };
    await say(gateway, 'two', more);
    assert.deepEqual(systemTexts(gateway.api.last.body), ['Be brief.']);
    await say(gateway, [{ role: 'developer', content: 'Be long.' }, { role: 'user', content: 'three' }], more); // prettier-ignore
    await say(gateway, 'four', more);
    assert.deepEqual(systemTexts(gateway.api.last.body), ['Be long.']);
    assert.deepEqual((await texts(gateway, conversationId))[0], ['system', 'Be long.']);
  });

  test('a request with an id needs no model', async () => {
    const { conversationId } = await say(gateway, 'one');
    for (const model of [undefined, null]) {
      const answer = await say(gateway, 'two', { conversation_id: conversationId, model });
      assert.equal(answer.status, 200);
      assert.equal(gateway.api.last.body.model, 'claude-haiku-4-5');
    }
  });

  test('after an answer with calls the results are enough, and thinking goes back to the model', async () => {
    gateway.api.respond(({ body, index }) =>
      index > 0
        ? text('It rains.')
        : {
            kind: 'message',
            content: [
              { type: 'thinking', thinking: 'Hm.', signature: 'signed' },
              { type: 'text', text: 'Let me look.' },
              { type: 'tool_use', id: 'toolu_a', name: body.tools?.[0]?.name ?? '', input: { city: 'Oslo' } },
              { type: 'tool_use', id: 'toolu_b', name: body.tools?.[0]?.name ?? '', input: { city: 'Rome' } },
            ],
          },
    );
    const options = { tools: [weatherTool], reasoning_effort: 'medium' };
    const first = await say(gateway, 'weather?', options);
    assert.deepEqual(first.calls.map(({ id }) => id), ['toolu_a', 'toolu_b']); // prettier-ignore
    const more = { ...options, conversation_id: first.conversationId };
    const results: ChatCompletionMessageParam[] = ['toolu_b', 'toolu_a'].map((id) => ({
      role: 'tool',
      tool_call_id: id,
      content: `result of ${id}`,
    }));
    await say(gateway, results, more);
    const name = gateway.api.last.body.tools?.[0]?.name;
    assert.deepEqual(gateway.api.last.body.messages.slice(0, 2), [
      { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'signed' },
          { type: 'text', text: 'Let me look.' },
          { type: 'tool_use', id: 'toolu_a', name, input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'toolu_b', name, input: { city: 'Rome' } },
        ],
      },
    ]);
    assert.deepEqual((await texts(gateway, first.conversationId)).map(([kind]) => kind), [
      'user', 'assistant', 'function_call', 'function_call', 'function_call_output', 'function_call_output', 'assistant',
    ]); // prettier-ignore
  });

  test('an image of a conversation is shown to the model', async () => {
    const { id } = await gateway.client().conversations.create({
      items: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look:' },
            { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'auto' },
          ],
        },
        { role: 'assistant', content: 'A pixel.' },
      ],
    });
    await say(gateway, 'Of which colour?', { conversation_id: id });
    assert.deepEqual(gateway.api.last.body.messages[0]?.content, [
      { type: 'text', text: 'Look:' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
    ]);
  });

  test('a turn that fails or is left leaves nothing', async () => {
    const { conversationId } = await say(gateway, 'one');
    const more = { conversation_id: conversationId };
    gateway.api.respondOnce(failure(400));
    assert.equal((await say(gateway, 'refused', more)).status, 400);
    gateway.api.respondOnce(text('much text that breaks off', { fault: { afterDeltas: 1, kind: 'hang' } }));
    const leaving = new AbortController();
    const response = await gateway.post({ ...ask('left'), ...more, stream: true }, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await say(gateway, 'two', more);
    assert.deepEqual(await texts(gateway, conversationId), [
      ['user', 'one'],
      ['assistant', 'You said: one'],
      ['user', 'two'],
      ['assistant', 'You said: two'],
    ]);
    assert.deepEqual(spokenMessages(gateway.api.last.body).map(([, said]) => said), ['one', 'You said: one', 'two']); // prettier-ignore
  });

  test('a first turn that fails leaves no conversation', async () => {
    gateway.api.respond(failure(529));
    gateway.api.respondOnce(text('some text that breaks off', { fault: { afterDeltas: 1, kind: 'error-event' } }));
    const { conversationId, status, code } = await say(gateway, 'one', { stream: true });
    assert.deepEqual([status, typeof code], [200, 'string']);
    await assert.rejects(retrieve(gateway, conversationId), { status: 404 });
    assert.equal((await say(gateway, 'two', { conversation_id: conversationId })).code, 'conversation_not_found');
  });

  test('an answer that is cut off in a call is told, and goes on without that call', async () => {
    gateway.api.respondOnce({
      kind: 'raw',
      body: cutOffInCall(),
    });
    const first = await say(gateway, 'weather?', { tools: [weatherTool], max_tokens: 20 });
    assert.deepEqual([first.status, first.content], [200, 'Let me look.']);
    await say(gateway, 'go on', { conversation_id: first.conversationId });
    assert.deepEqual(spokenMessages(gateway.api.last.body), [
      ['user', 'weather?'],
      ['assistant', 'Let me look.'],
      ['user', 'go on'],
    ]);
  });

  test('a refused turn is told, counted, and not continued', async () => {
    gateway.api.respondOnce({ ...text('no'), stopReason: 'refusal' });
    const { conversationId, status } = await say(gateway, 'forbidden');
    assert.equal(status, 200);
    await say(gateway, 'allowed', { conversation_id: conversationId });
    assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', 'allowed']]);
  });

  test('unknown ids are a 404 before the model is asked, and two different ones a 400', async () => {
    const { conversationId } = await say(gateway, 'one');
    gateway.api.reset();
    for (const id of [`conv_${'0'.repeat(48)}`, '../../etc/passwd', '', 'conv_', 'x'.repeat(10_000)]) {
      const answer = await say(gateway, 'two', { conversation_id: id });
      assert.deepEqual([answer.status, answer.code], [404, 'conversation_not_found']);
    }
    const other = await say(gateway, 'two', { conversation_id: conversationId }, { 'x-conversation-id': 'conv_other' });
    assert.equal(other.status, 400);
    assert.equal((await say(gateway, 'two', { conversation_id: 7 })).status, 400);
    assert.equal(gateway.api.requests.length, 0);
  });

  test('two clients at once, of whom one leaves and one edits: in order, and nothing half', async () => {
    const { conversationId } = await say(gateway, 'start');
    const more = { conversation_id: conversationId, stream: true };
    gateway.api.respond(({ body }) => {
      const said = lastText(body);
      const answer = text(`You said: ${said}`, { deltaDelayMs: 3, deltaLength: 3 });
      // It does not end before its client leaves.
      return said === 'left' ? { ...answer, fault: { afterDeltas: 1, kind: 'hang' } } : answer;
    });
    gateway.api.reset();
    const leaving = new AbortController();
    const first = say(gateway, 'first', more);
    await gateway.api.until(({ requests }) => requests.length === 1);
    const left = gateway.post({ ...ask('left'), ...more }, { signal: leaving.signal });
    left.catch(() => undefined);
    const edit = say(gateway, [{ role: 'user', content: 'start, edited' }], more);
    await first;
    await gateway.api.until(({ requests }) => requests.length === 2);
    await (await left).body?.getReader().read();
    leaving.abort();
    const last = say(gateway, 'last', more);
    assert.deepEqual((await Promise.all([edit, last])).map(({ content }) => content), ['You said: start, edited', 'You said: last']); // prettier-ignore
    const expected = ['start', 'first', 'start, edited', 'last'].flatMap((said) => [['user', said], ['assistant', `You said: ${said}`]]); // prettier-ignore
    assert.deepEqual(await texts(gateway, conversationId), expected);
    assert.deepEqual(spokenMessages(gateway.api.last.body), expected.slice(0, -1));
  });

  test('several choices: the first is what the conversation goes on with', async () => {
    let answers = 0;
    gateway.api.respond(() => text(`choice of ${(answers += 1)}`));
    const response = await gateway.post(ask('which?', { n: 3 }));
    const body = (await response.json()) as Completion;
    await say(gateway, 'on', { conversation_id: body.conversation_id });
    assert.deepEqual(spokenMessages(gateway.api.last.body)[1], ['assistant', body.choices[0]?.message.content]);
    assert.equal((await retrieve(gateway, body.conversation_id)).message_count, 4);
  });

  test('store: false keeps it off the disk, and out of a stored conversation', async () => {
    const words = 'words-that-are-not-stored';
    const files = join(gateway.directory, 'data');
    const onDisk = (): boolean => filesThatHold(files, words).length > 0;
    const hidden = await say(gateway, words, { store: false });
    assert.equal(hidden.headers.get('x-claude-code-conversation-storage'), 'memory');
    const again = await say(gateway, 'again', { store: false, conversation_id: hidden.conversationId });
    assert.equal(tierOf(again), 'live');
    assert.equal((await retrieve(gateway, hidden.conversationId)).message_count, 4);
    const list = (await (await fetch(`${gateway.url}/v1/conversations?limit=100`)).json()) as {
      data: { id: string }[];
    };
    assert.ok(!list.data.some(({ id }) => id === hidden.conversationId));
    const { conversationId } = await say(gateway, 'one');
    const aside = await say(gateway, words, { store: false, conversation_id: conversationId });
    assert.deepEqual([aside.conversationId, aside.content], [conversationId, `You said: ${words}`]);
    assert.equal(gateway.api.last.body.messages.length, 3);
    assert.equal((await retrieve(gateway, conversationId)).message_count, 2);
    assert.equal(onDisk(), false);
  });
});
