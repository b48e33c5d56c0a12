// Guarantee: what the CLI does with calls, their results and thinking of a history is what src relies on.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type {
  AssistantBlock,
  ConversationMessage,
  Turn,
  UserBlock,
  UserMessage,
} from '../../src/claude-cli/turn/turn.ts';
import { CliBench, run, turnOf } from '../support/cli-session.ts';
import { PDF, png } from '../support/media-samples.ts';
import { failure } from '../support/scripted-messages-api.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

const tools = [{ name: 'f', inputSchema: { type: 'object', properties: {} } }];
const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
const user = (...content: UserBlock[]): UserMessage => ({ role: 'user', content });
const assistant = (...content: AssistantBlock[]): ConversationMessage => ({ role: 'assistant', content });
const call = (id: string): AssistantBlock => ({ type: 'tool_use', id, name: 'f', input: {} });
const image: UserBlock = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: png(3, 2).toString('base64') },
};
const document: UserBlock = {
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data: PDF.toString('base64') },
};

/** The content of each message as it reached the API, without marks for the cache and the prefix of tools. */
async function arrivals(turn: Pick<Turn, 'history' | 'message'> & Partial<Turn>): Promise<ContentBlockParam[][]> {
  await run(bench.session(), turnOf(['x'], { tools, ...turn }));
  return bench.api.last.body.messages.map(({ content }) => {
    assert.ok(Array.isArray(content));
    return content.map(({ cache_control: _mark, ...block }: ContentBlockParam & { cache_control?: unknown }) =>
      block.type === 'tool_use' ? { ...block, name: 'f' } : block,
    );
  });
}

test('images and documents in the result of a call pass as they are, in a history too', async () => {
  const result: UserBlock = { type: 'tool_result', tool_use_id: 'a', content: [text('see'), image, document] as never };
  const last = await arrivals({ history: [user(text('q')), assistant(call('a'))], message: user(result) });
  assert.deepEqual(last[2], [result]);
  const history = [user(text('q')), assistant(call('a')), user(result), assistant(text('b'))];
  assert.deepEqual((await arrivals({ history, message: user(text('c')) }))[2], [result]);
});

test('of the result of an error only the text passes', async () => {
  const content = [text('see'), image] as never;
  const [, , result] = await arrivals({
    history: [user(text('q')), assistant(call('a'))],
    message: user({ type: 'tool_result', tool_use_id: 'a', is_error: true, content }, image),
  });
  assert.deepEqual(result, [{ type: 'tool_result', tool_use_id: 'a', is_error: true, content: [text('see')] }, image]);
});

test('texts between and behind calls are moved before them, and nothing is lost', async () => {
  const [, answer] = await arrivals({
    history: [user(text('q')), assistant(text('a'), call('a'), text('b'), call('b'), text('c'))],
    message: user(
      { type: 'tool_result', tool_use_id: 'a', content: 'r' },
      { type: 'tool_result', tool_use_id: 'b', content: 's' },
    ),
  });
  assert.deepEqual(answer, [text('a'), text('b'), text('c'), call('a'), call('b')]);
});

test('thinking that the API refuses does not end a conversation: the CLI asks again without it', async () => {
  const thinking: AssistantBlock[] = [
    { type: 'thinking', thinking: 'hm', signature: 'of nobody' },
    { type: 'redacted_thinking', data: 'of nobody' },
  ];
  for (const message of [
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.1.content.1: Invalid `data` in `redacted_thinking` block',
    'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
  ]) {
    bench.api.reset();
    bench.api.respondOnce(failure(400, { message }));
    const [, answer] = await arrivals({
      history: [user(text('q')), assistant(...thinking, call('a'))],
      message: user({ type: 'tool_result', tool_use_id: 'a', content: 'r' }),
      settings: { thinking: 'on' },
    });
    assert.deepEqual(answer, [call('a')]);
    assert.equal(bench.api.requests.length, 2);
  }
});
