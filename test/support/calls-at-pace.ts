import assert from 'node:assert/strict';
import type { ChatCompletion, ChatCompletionMessageFunctionToolCall } from 'openai/resources/chat/completions';
import { ask, type Gateway } from './gateway.ts';
import { evenPace } from './pace.ts';
import type { ScriptedBlock } from './scripted-messages-api.ts';
import { weatherTool } from './weather-tool.ts';

export interface CallsAtPace {
  readonly paceMs: number;
  readonly calls: number;
  readonly isThinking: boolean;
  readonly isStreamed: boolean;
}

/** Every combination of two or five calls, streamed or whole, with or without thinking, at each of the paces. */
export function combinations(pacesMs: readonly number[]): CallsAtPace[] {
  return pacesMs.flatMap((paceMs) =>
    [2, 5].flatMap((calls) =>
      [false, true].flatMap((isThinking) =>
        [false, true].map((isStreamed) => ({ paceMs, calls, isThinking, isStreamed })),
      ),
    ),
  );
}

/** Scripts the answers to requests whose words `requestCalls` has written. */
export function scriptCalls(gateway: Gateway): void {
  gateway.api.respond(({ body, raw }) => {
    const words = /calls-at-pace (\{[^}]*\})/.exec(raw.replaceAll('\\"', '"'))?.[1] ?? '{}';
    const { paceMs, calls, isThinking } = JSON.parse(words) as CallsAtPace;
    const name = body.tools?.[0]?.name ?? '';
    const made = Array.from({ length: calls }, (_, index): ScriptedBlock => {
      return { type: 'tool_use', id: `toolu_${index}`, name, input: { city: `city ${index}` } };
    });
    const thought: ScriptedBlock[] = isThinking
      ? [{ type: 'thinking', thinking: 'a thought', signature: 'signed' }]
      : [];
    return { kind: 'message', pace: evenPace(paceMs), content: [...thought, { type: 'text', text: 'so' }, ...made] };
  });
}

/** Makes one request, and asserts that its answer is whole and took one request of the model. */
export async function requestCalls(gateway: Gateway, combination: CallsAtPace, round: number): Promise<void> {
  const words = `calls-at-pace ${JSON.stringify(combination)} ${round}`;
  const body = ask(words, { tools: [weatherTool] });
  const { message, reason } = combination.isStreamed ? await streamed(gateway, body) : await whole(gateway, body);
  assert.equal(reason, 'tool_calls', words);
  assert.equal(message.content, 'so', words);
  assert.deepEqual(
    (message.tool_calls as ChatCompletionMessageFunctionToolCall[]).map((call) => [
      call.id,
      call.function.name,
      call.function.arguments,
    ]),
    Array.from({ length: combination.calls }, (_, index) => [
      `toolu_${index}`,
      'get_weather',
      `{"city":"city ${index}"}`,
    ]),
    words,
  );
  const asked = gateway.api.requests.filter(({ raw }) => raw.includes(JSON.stringify(words).slice(1, -1)));
  assert.equal(asked.length, 1, words);
}

type Answer = { message: ChatCompletion['choices'][0]['message']; reason: string };

async function whole(gateway: Gateway, body: ReturnType<typeof ask>): Promise<Answer> {
  const { choices } = await gateway.client().chat.completions.create(body);
  assert.ok(choices[0]);
  return { message: choices[0].message, reason: choices[0].finish_reason };
}

async function streamed(gateway: Gateway, body: ReturnType<typeof ask>): Promise<Answer> {
  const { choices } = await gateway.client().chat.completions.stream(body).finalChatCompletion();
  assert.ok(choices[0]);
  return { message: choices[0].message, reason: choices[0].finish_reason };
}
