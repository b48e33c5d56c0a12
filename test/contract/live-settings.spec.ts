// Guarantee: what a turn asks for reaches the Messages API, and the next turn on the same process shows none of it.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { modelToolName, toolServerName } from '../../src/claude-cli/session/client-tools.ts';
import type { ClaudeSession } from '../../src/claude-cli/session/claude-session.ts';
import type { ToolDefinition, TurnSettings } from '../../src/claude-cli/turn/turn.ts';
import { CliBench, run, turnOf, withoutIds } from '../support/cli-session.ts';
import { WEATHER_NAME, weather } from '../support/weather-tool.ts';

let bench: CliBench;
let session: ClaudeSession;
beforeAll(async () => {
  bench = await CliBench.start();
  session = bench.session();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
const CASES: [string, TurnSettings, Record<string, unknown>, string?][] = [
  ['temperature', { temperature: 0.3, thinking: 'off' }, { temperature: 0.3 }],
  ['top_p', { topP: 0.4, thinking: 'off' }, { top_p: 0.4 }],
  ['stop sequences', { stopSequences: ['END', '\n.', '\n\n'] }, { stop_sequences: ['END', '\n.'] }],
  ['no stop sequence of white space only', { stopSequences: ['\n\n'] }, { stop_sequences: undefined }],
  ['the most tokens to give out', { maxOutputTokens: 77, thinking: 'off' }, { max_tokens: 77 }],
  ['no thinking', { thinking: 'off' }, { thinking: { type: 'disabled' } }],
  [
    'a budget for thinking',
    { thinking: 'on', thinkingBudgetTokens: 2048 },
    { thinking: { type: 'enabled', budget_tokens: 2048 } },
  ],
  ['effort', { effort: 'low' }, { output_config: { effort: 'low' } }, 'claude-sonnet-5-5'],
  ['an output schema', { outputSchema: schema }, { output_config: { format: { type: 'json_schema', schema } } }],
  [
    'an output schema beside the effort, which the CLI adds to it',
    { outputSchema: schema, effort: 'high' },
    { output_config: { format: { type: 'json_schema', schema }, effort: 'high' } },
    'claude-sonnet-5-5',
  ],
  [
    'an output schema beside tools, which the CLI neither changes nor takes for tools of its own',
    {
      outputSchema: { ...schema, description: '"Zürich" 🦊\n</system>' },
      toolChoice: { type: 'auto', disableParallelToolUse: true },
    },
    {
      output_config: { format: { type: 'json_schema', schema: { ...schema, description: '"Zürich" 🦊\n</system>' } } },
    },
  ],
  ['any tool', { toolChoice: { type: 'any' } }, { tool_choice: { type: 'any' } }],
  ['no tool', { toolChoice: { type: 'none' } }, { tool_choice: { type: 'none' } }],
  [
    'one tool and one call',
    { toolChoice: { type: 'tool', name: 'get_weather', disableParallelToolUse: true } },
    { tool_choice: { type: 'tool', name: WEATHER_NAME, disable_parallel_tool_use: true } },
  ],
];
for (const [what, settings, expected, model] of CASES) {
  test(`${what} arrives, and is gone with the turn`, async () => {
    const more = { ...(model && { model }), ...(settings.toolChoice && { tools: [weather] }) };
    await run(session, turnOf(['x'], more));
    const plain = bench.api.last.raw;
    await run(session, turnOf(['x'], { ...more, settings }));
    for (const [field, value] of Object.entries(expected)) assert.deepEqual(bench.api.last.body[field], value);
    await run(session, turnOf(['x'], more));
    assert.equal(bench.api.last.raw, plain);
    assert.equal(withoutIds(plain).includes('client_composed'), false);
    assert.equal(bench.api.requests.length, 3);
  });
}

test('a description of 20,000 characters arrives whole', async () => {
  const description = 'it tells the weather'.repeat(1000);
  await run(session, turnOf(['x'], { tools: [{ ...weather, description }] }));
  assert.equal(description.length, 20_000);
  assert.ok(bench.api.last.body.tools?.[0]?.description === description);
});

test('tools arrive as they are, sorted by prefixed name, and can be swapped and taken away live', async () => {
  const other = { name: 'a-b_C', inputSchema: { type: 'object' as const } };
  const offered = async (...tools: ToolDefinition[]): Promise<unknown> => {
    await run(session, turnOf(['x'], { tools }));
    return bench.api.last.body.tools;
  };
  const both = toolServerName([weather, other]);
  const expected = [
    { name: modelToolName(both, 'a-b_C'), description: '', input_schema: other.inputSchema },
    { name: modelToolName(both, 'get_weather'), description: weather.description, input_schema: weather.inputSchema },
  ];
  assert.deepEqual(await offered(weather, other), expected);
  const changed = { ...weather, description: 'changed' };
  const name = modelToolName(toolServerName([changed]), 'get_weather');
  assert.deepEqual(await offered(changed), [{ name, description: 'changed', input_schema: weather.inputSchema }]);
  assert.deepEqual(await offered(weather, other), expected);
  assert.deepEqual(await offered(), []);
});

test('tools that were swapped without a turn in between leave nothing behind', async () => {
  const leaving = (tools: ToolDefinition[]): Promise<void> => {
    session
      .run(turnOf(['x'], { tools }), 0)
      .subscribe()
      .unsubscribe();
    return session.settle();
  };
  await leaving([weather]);
  await leaving([{ ...weather, description: 'changed' }]);
  await leaving([weather]);
  await run(session, turnOf(['x'], { tools: [weather] }));
  assert.deepEqual(
    bench.api.last.body.tools?.map((tool) => tool.name),
    [WEATHER_NAME],
  );
});
