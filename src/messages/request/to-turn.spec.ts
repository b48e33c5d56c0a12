// Guarantee: each field of a request has the effect that Anthropic describes, or is named as one without effect, or refused.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { understandMessages as understand, understandMessagesJson } from '../../../test/support/understand-messages.ts';
import type { CatalogueModel } from '../../claude-cli/session/initialization.ts';

const BUDGET_MODEL = 'claude-haiku-4-5';
const LEVEL_MODEL = 'claude-sonnet-5-5';
const LEVELS: CatalogueModel = {
  value: 'sonnet',
  resolvedModel: LEVEL_MODEL,
  displayName: 'Sonnet',
  supportedEffortLevels: ['low', 'medium', 'high'],
  supportsThinkingOff: true,
};

const body = (more: object = {}): object => ({
  model: BUDGET_MODEL,
  max_tokens: 20_000,
  messages: [{ role: 'user', content: 'hello' }],
  ...more,
});
const tools = [
  { name: 'f', input_schema: { type: 'object' } },
  { type: 'web_search_20250305', name: 'web_search' },
];

const THINKING: [what: string, more: object, settings: object, ignored: string[]][] = [
  ['nothing said', {}, { thinking: 'off' }, []],
  ['disabled', { thinking: { type: 'disabled' } }, { thinking: 'off' }, []],
  ['a budget', { thinking: { type: 'enabled', budget_tokens: 3000 } }, { thinking: 'on', effort: 'low', thinkingBudgetTokens: 3000 }, []],
  ['a budget and a level', { thinking: { type: 'enabled', budget_tokens: 3000 }, output_config: { effort: 'max' } }, { thinking: 'on', effort: 'max', thinkingBudgetTokens: 3000 }, []],
  ['adaptive for a model with a budget', { thinking: { type: 'adaptive' } }, { thinking: 'on', effort: 'high', thinkingBudgetTokens: 10_512 }, []],
  ['a budget for a model with levels', { model: LEVEL_MODEL, thinking: { type: 'enabled', budget_tokens: 12_000 } }, { thinking: 'on', effort: 'high' }, ['thinking.budget_tokens (this model has levels instead; high is used)']],
  ['adaptive', { model: LEVEL_MODEL, thinking: { type: 'adaptive' } }, { thinking: 'on', effort: 'high' }, []],
  ['adaptive of a level', { model: LEVEL_MODEL, thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, { thinking: 'on', effort: 'low' }, []],
  ['a level that the model lacks', { model: LEVEL_MODEL, output_config: { effort: 'max' } }, { thinking: 'on', effort: 'high' }, ['output_config.effort (high is the nearest that this model has)']],
  ['a level without thinking', { thinking: { type: 'disabled' }, output_config: { effort: 'low' } }, { thinking: 'off' }, ['output_config.effort (thinking is disabled)']],
  ['thinking with a forced tool', { thinking: { type: 'enabled', budget_tokens: 3000 }, tools, tool_choice: { type: 'any' } }, { thinking: 'off', toolChoice: { type: 'any' } }, ['tools.web_search_20250305 (not available)', 'thinking (the model cannot think when it has to call a tool)']],
]; // prettier-ignore
for (const [what, more, settings, ignored] of THINKING) {
  test(`thinking: ${what}`, () => {
    const mapped = understand(body(more), 'model' in more ? LEVELS : undefined);
    assert.deepEqual(mapped.turn.settings, { maxOutputTokens: 20_000, ...settings });
    assert.deepEqual(mapped.ignored, ignored);
  });
}

const FIELDS: [what: string, more: object, settings: object, ignored?: string[]][] = [
  ['sampling', { temperature: 0.3, top_k: 5 }, { temperature: 0.3, topK: 5 }],
  ['sampling while the model thinks', { thinking: { type: 'enabled', budget_tokens: 3000 }, temperature: 0.3, top_k: 5 }, { thinking: 'on', effort: 'low', thinkingBudgetTokens: 3000 }, ['temperature (not available while the model thinks)', 'top_k (not available while the model thinks)']],
  ['stop sequences', { stop_sequences: ['END', ' '] }, { stopSequences: ['END', ' '] }],
  ['one tool', { tools, tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true } }, { toolChoice: { type: 'tool', name: 'f', disableParallelToolUse: true } }, ['tools.web_search_20250305 (not available)']],
  ['no tool', { tools, tool_choice: { type: 'none' } }, { toolChoice: { type: 'none' } }, ['tools.web_search_20250305 (not available)']],
  ['one call at a time', { tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }, { toolChoice: { type: 'auto', disableParallelToolUse: true } }, ['tools.web_search_20250305 (not available)']],
  ['a choice among no tools', { tool_choice: { type: 'auto' } }, {}],
  ['fields without effect', { metadata: { user_id: 'u' }, service_tier: 'standard_only', context_management: {}, speed: 'fast' }, {}, ['context_management', 'metadata', 'service_tier', 'speed']],
  ['defaults', { service_tier: 'auto', mcp_servers: [], container: null }, {}],
]; // prettier-ignore
for (const [what, more, settings, ignored = []] of FIELDS) {
  test(`fields: ${what}`, () => {
    const mapped = understand(body(more));
    assert.deepEqual(mapped.turn.settings, { maxOutputTokens: 20_000, thinking: 'off', ...settings });
    assert.deepEqual(mapped.ignored, ignored);
  });
}

for (const [what, more, param] of [
  ['a forced tool of the provider', { tools, tool_choice: { type: 'tool', name: 'web_search' } }, 'tool_choice.name'],
  ['a forced tool that is not there', { tools, tool_choice: { type: 'tool', name: 'g' } }, 'tool_choice.name'],
  ['any of no tools', { tool_choice: { type: 'any' } }, 'tool_choice'],
  ['any of tools that are not available', { tools: tools.slice(1), tool_choice: { type: 'any' } }, 'tool_choice'],
  ['two tools of one name', { tools: [tools[0], tools[0]] }, 'tools[1].name'],
  ['a schema of another type', { tools: [{ name: 'f', input_schema: { type: 'array' } }] }, 'tools[0].input_schema.type'],
  ['a budget beyond the limit', { thinking: { type: 'enabled', budget_tokens: 20_000 } }, 'thinking.budget_tokens'],
  ['a budget that is too small', { thinking: { type: 'enabled', budget_tokens: 1000 } }, 'thinking.budget_tokens'],
  ['a container', { container: 'c' }, 'container'],
  ['MCP servers', { mcp_servers: [{}] }, 'mcp_servers'],
  ['a thread that goes on', { thread: { type: 'continue', previous_message_id: 'msg_1' } }, 'thread'],
  ['a temperature above 1', { temperature: 1.5 }, 'temperature'],
  ['an empty stop sequence', { stop_sequences: ['a', ''] }, 'stop_sequences[1]'],
  ['a format that cannot be met', { output_config: { format: { type: 'json_schema', schema: { type: 'nothing' } } } }, 'output_config.format.schema.type'],
] as const) {
  test(`refused: ${what}`, () => assert.throws(() => understand(body(more)), { status: 400, param }));
} // prettier-ignore

test('system texts stand in their order, wherever they are', () => {
  const { turn } = understand(
    body({
      system: [{ type: 'text', text: 'one' }, { type: 'text', text: ' ' }, { type: 'text', text: 'two' }],
      messages: [{ role: 'user', content: 'hello' }, { role: 'system', content: 'three' }],
    }),
  ); // prettier-ignore
  assert.deepEqual([turn.system, turn.history, turn.message.content], [['one', 'two', 'three'], [], [{ type: 'text', text: 'hello' }]]); // prettier-ignore
});

test('a history is never refused: what cannot be passed on is told in words', () => {
  const { turn, ignored } = understand(
    body({
      messages: [
        { role: 'assistant', content: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } }] },
        { role: 'user', content: [{ type: 'container_upload', file_id: 'f' }, { type: 'tool_result', tool_use_id: 'toolu_9', content: 'late' }] },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'unsigned' }, { type: 'tool_use', id: 'toolu_1', name: 'odd name', input: 5 }] },
        { role: 'user', content: 'and?' },
      ],
    }),
  ); // prettier-ignore
  const said = [...turn.history, turn.message].map(({ role, content }) => [role, JSON.stringify(content)] as const);
  assert.deepEqual(said.map(([role]) => role), ['user', 'assistant', 'user', 'assistant', 'user']); // prettier-ignore
  assert.match(said[1]?.[1] ?? '', /\[server_tool_use\] .*query/);
  assert.match(said[2]?.[1] ?? '', /\[container_upload\] .*Result of the tool call \\"toolu_9\\":.*late/);
  assert.match(said[3]?.[1] ?? '', /^\[\{"type":"tool_use","id":"toolu_1","name":"odd_name","input":\{"arguments":5\}/);
  assert.match(said[4]?.[1] ?? '', /No result was given for this call.*and\?/);
  assert.deepEqual(ignored, [
    'messages.content.server_tool_use (passed on as text)',
    'messages.content.container_upload (passed on as text)',
    'messages.content.thinking (without a signature)',
  ]);
});

test('numbers keep their digits', () => {
  const json = '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"n":12345678901234567890}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"y"}]}]}'; // prettier-ignore
  const { turn } = understandMessagesJson(json);
  const [, call] = turn.history;
  assert.ok(call?.role === 'assistant' && call.content[0]?.type === 'tool_use');
  assert.deepEqual(call.content[0].input, { n: '12345678901234567890' });
});

test('a document of blocks is told as its blocks, and an error of a tool keeps its text', () => {
  const { turn } = understand(
    body({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: [{ type: 'text', text: 'broken' }, { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } }] },
            { type: 'document', title: 'T', source: { type: 'content', content: [{ type: 'text', text: 'one' }, { type: 'image', source: { type: 'url', url: 'https://a.test/c.png' } }] } },
          ],
        },
      ],
    }),
  ); // prettier-ignore
  const image = (name: string): object => ({
    type: 'image',
    source: { type: 'url', url: `https://a.test/${name}.png` },
  });
  assert.deepEqual(turn.message.content, [
    { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'broken' }], is_error: true },
    image('b'),
    { type: 'text', text: 'T' },
    { type: 'text', text: 'one' },
    image('c'),
  ]);
});
