import assert from 'node:assert/strict';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { text, type MessagesRequestBody, type Script, type ScriptedBlock } from '../support/scripted-messages-api.ts';

/** What a client has to answer in these scripts: `get_weather` for a city. */
export const WEATHER_SCHEMA = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
  additionalProperties: false,
};

export function weatherOf(city: string): string {
  return `sunny in ${city}`;
}

type Steps = readonly (readonly string[])[];

interface ScriptOptions {
  /** Whether a step has no text before its calls. */
  readonly isSilent?: boolean;
}

/** A model that asks `get_weather` for the cities of each step, all of a step at once, and then says what it has heard. */
export function weatherScript(steps: Steps, options: ScriptOptions = {}): Script {
  return ({ body }) => {
    const step = body.messages.filter(({ content }) => blocks(content).some(({ type }) => type === 'tool_use')).length;
    const cities = steps[step];
    if (!cities) return text(`Heard: ${results(body).join(', ')}`);
    const name = body.tools?.find((tool) => tool.name.endsWith('__get_weather'))?.name ?? 'no get_weather was offered';
    const calls = cities.map((city): ScriptedBlock => ({ type: 'tool_use', name, input: { city }, id: callId(city) }));
    return { kind: 'message', content: [...stepText(step, options), ...calls] };
  };
}

function callId(city: string): string {
  return `toolu_${city}`;
}

function stepText(step: number, { isSilent }: ScriptOptions): { type: 'text'; text: string }[] {
  return isSilent ? [] : [{ type: 'text', text: `Step ${step}.` }];
}

/** Asserts that the request is the true history of the steps: the client's question, each call and each result, native. */
export function assertTrueHistory(
  body: MessagesRequestBody,
  question: string,
  steps: Steps,
  options: ScriptOptions = {},
): void {
  const [first, ...rest] = body.messages.map(({ role, content }) => ({ role, content: blocks(content).map(bare) }));
  assert.deepEqual(first, { role: 'user', content: [{ type: 'text', text: question }] });
  const toolName = body.tools?.find((tool) => tool.name.endsWith('__get_weather'))?.name;
  const expected = steps.flatMap((cities, step) => [
    {
      role: 'assistant',
      content: [
        ...stepText(step, options),
        ...cities.map((city) => ({ type: 'tool_use', id: callId(city), name: toolName, input: { city } })),
      ],
    },
    { role: 'user', content: cities.map((city) => ['tool_result', callId(city), weatherOf(city)]) },
  ]);
  assert.deepEqual(rest, expected);
}

function results(body: MessagesRequestBody): string[] {
  return body.messages
    .flatMap(({ content }) => blocks(content))
    .flatMap((block) => (block.type === 'tool_result' ? resultText(block.content) : []));
}

function blocks(content: string | ContentBlockParam[]): ContentBlockParam[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** A block without the CLI's cache marks; a result as its call and its text. */
function bare(block: ContentBlockParam): unknown {
  if (block.type === 'tool_result') return ['tool_result', block.tool_use_id, resultText(block.content)];
  const { cache_control: _mark, ...rest } = block as ContentBlockParam & { cache_control?: unknown };
  return rest;
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  return ((content ?? []) as { text?: string }[]).map(({ text: part }) => part ?? '').join('');
}
