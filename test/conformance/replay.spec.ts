// Guarantee: a conversation that OpenAI accepts reaches the model as docs/compatibility.md says, whichever it is, over the
// real CLI, or is refused at the place that is to blame.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import * as fc from 'fast-check';
import { Gateway } from '../support/gateway.ts';
import { systemTexts, text, type MessagesRequestBody } from '../support/scripted-messages-api.ts';
import { conversations, type SentMessage } from './conversations.ts';
import { expectedReplay, type Replay, type SeenBlock } from './expected-replay.ts';

const RUNS = 300;
const AT_ONCE = 3;
const OFFERED = ['f', 'get-weather_2'];
let gateway: Gateway;
beforeAll(async () => {
  // No process is started while these serve: each is taken back for the next conversation.
  gateway = await Gateway.start({
    settings: {
      CLAUDE__MAX_CONCURRENT_SESSIONS: String(AT_ONCE),
      PROCESS_POOL__SIZE: String(AT_ONCE),
      PROCESS_POOL__MAX_IDLE: String(AT_ONCE),
      PROCESS_POOL__MIN_IDLE: '1',
    },
  });
  gateway.api.respond(text('understood'));
});
afterAll(() => gateway.stop());

let count = 0;
let refused = 0;

async function check({ messages, hasTools }: { messages: readonly SentMessage[]; hasTools: boolean }): Promise<void> {
  const expected = expectedReplay(messages);
  // Tells the requests of conversations that are sent at once apart.
  const mark = `conversation ${(count += 1)}`;
  const response = await gateway.post({
    model: 'claude-haiku-4-5',
    messages: [{ role: 'system', content: mark }, ...messages],
    ...(hasTools && { tools: OFFERED.map((name) => ({ type: 'function', function: { name } })) }),
  });
  const raw = await response.text();
  const reached = gateway.api.requests.filter(({ body }) => systemTexts(body)[0] === mark);
  if ('place' in expected) {
    refused += 1;
    const [index, path] = expected.place;
    assert.equal(response.status, 400, raw);
    assert.equal((JSON.parse(raw) as { error: { param: string } }).error.param, `messages[${index + 1}].${path}`);
    assert.equal(reached.length, 0);
    return;
  }
  assert.equal(response.status, 200, raw);
  assert.equal(reached.length, 1, 'one request of the model for each of the client');
  const { body } = reached[0]!;
  assert.deepEqual(seen(body), { ...expected, system: [mark, ...expected.system] });
  assertTools(body, messages, hasTools);
}

test('whatever conversation OpenAI accepts reaches the model as the table says, or is refused with a reason', async () => {
  const request = fc.record({ messages: conversations, hasTools: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (requests) => {
      await Promise.all(requests.map(check));
      gateway.api.reset();
    }),
    { numRuns: RUNS / AT_ONCE },
  );
  assert.ok(refused > 0 && refused < count / 3, `${count} sent, ${refused} refused`);
});

/** The request as the model sees it; fails for ids that are not unique and plain. */
function seen(body: MessagesRequestBody): Replay {
  const numbers = new Map<string, number>();
  const messages = body.messages.map(({ role, content }) => ({
    role: role as 'user' | 'assistant',
    content: typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content.map(seenBlock),
  }));
  return { system: systemTexts(body), messages };

  function seenBlock(block: ContentBlockParam): SeenBlock {
    switch (block.type) {
      case 'text':
        return { type: 'text', text: block.text };
      case 'tool_use':
        assert.match(block.id, /^[a-zA-Z0-9_-]+$/);
        assert.ok(!numbers.has(block.id), `the id ${block.id} is there twice`);
        numbers.set(block.id, numbers.size + 1);
        return { type: 'call', number: numbers.size, name: clientName(block.name), input: block.input };
      case 'tool_result': {
        const number = numbers.get(block.tool_use_id) ?? 0;
        assert.equal(block.is_error === true, block.content === 'No result was given for this call.');
        const texts = Array.isArray(block.content)
          ? block.content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`))
          : block.content;
        return { type: 'result', number, content: texts };
      }
      default:
        assert.fail(`a block of type ${block.type}`);
    }
  }
}

/** Offered is what the client offers; without, what was called, without detail and not to be called again. */
function assertTools(body: MessagesRequestBody, messages: readonly SentMessage[], hasTools: boolean): void {
  const called = messages.flatMap(({ tool_calls: calls, function_call: legacy }) => [
    ...(calls ?? []).map((call) => call.function.name),
    ...(legacy ? [legacy.name] : []),
  ]);
  const names = hasTools ? OFFERED : [...new Set(called)];
  assert.deepEqual((body.tools ?? []).map(({ name }) => clientName(name)).toSorted(), names.toSorted());
  assert.deepEqual(body['tool_choice'], hasTools || called.length === 0 ? undefined : { type: 'none' });
}

function clientName(modelName: string): string {
  return /^mcp__[^_]+_[^_]+__(.+)$/.exec(modelName)?.[1] ?? modelName;
}
