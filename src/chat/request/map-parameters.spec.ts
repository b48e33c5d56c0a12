// Guarantee: thinking and sampling are what the client asks for as far as the model goes, never in a combination that the
// Messages API refuses, and every departure from it is named.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { CatalogueModel } from '../../claude-cli/session/initialization.ts';
import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapParameters, type MappedParameters } from './map-parameters.ts';
import type { DefaultEffort } from '../../turns/thinking/choose-thinking.ts';

const listed = (levels: string[], supportsThinkingOff: boolean): CatalogueModel => ({
  value: 'm', resolvedModel: 'm', displayName: 'M', supportedEffortLevels: levels, supportsThinkingOff,
}); // prettier-ignore
const MODELS = {
  unlisted: undefined,
  'within a budget': undefined,
  'without thinking': undefined,
  flexible: listed(['low', 'medium', 'high'], true),
  thinker: listed(['low', 'medium', 'high', 'xhigh', 'max'], false),
  coarse: listed(['medium', 'max'], false),
  plain: listed([], false),
};
type ModelName = keyof typeof MODELS;
const IDS: Partial<Record<ModelName, string>> = {
  'within a budget': 'claude-haiku-4-5',
  'without thinking': 'claude-3-5-haiku-20241022',
};

function map(name: ModelName, body: object, defaultEffort: DefaultEffort = 'none'): MappedParameters {
  const request = parseChatCompletionRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...body });
  const catalogue = MODELS[name];
  const cliModel = IDS[name] ?? 'm';
  return mapParameters(request, { requested: 'm', cliModel, ...(catalogue && { catalogue }) }, defaultEffort);
}

const tools = [{ type: 'function', function: { name: 'f' } }];
const forced = { tools, tool_choice: 'required' };
const named = { tools, tool_choice: { type: 'function', function: { name: 'f' } } };
const on = (effort?: TurnSettings['effort'], thinkingBudgetTokens?: number): TurnSettings => ({
  thinking: 'on',
  ...(effort && { effort }),
  ...(thinkingBudgetTokens !== undefined && { thinkingBudgetTokens }),
});
const off: TurnSettings = { thinking: 'off' };

const THINKING: [ModelName, body: object, TurnSettings, note?: RegExp][] = [
  ['unlisted', {}, off],
  ['unlisted', { reasoning_effort: null }, off],
  ['unlisted', { reasoning_effort: 'none' }, off],
  ['unlisted', { reasoning_effort: 'minimal' }, on('low')],
  ['unlisted', { reasoning_effort: 'max' }, on('max')],
  ['unlisted', { reasoning_effort: 'low', max_tokens: 10 }, on('low')],
  ['unlisted', { reasoning_effort: 'low', ...forced }, off, /has to call a tool/],
  ['within a budget', {}, off],
  ['within a budget', { reasoning_effort: 'none' }, off],
  ['within a budget', { reasoning_effort: 'minimal' }, on('low', 4000)],
  ['within a budget', { reasoning_effort: 'low' }, on('low', 4000)],
  ['within a budget', { reasoning_effort: 'medium' }, on('medium', 10_000)],
  ['within a budget', { reasoning_effort: 'high' }, on('high', 16_000)],
  ['within a budget', { reasoning_effort: 'high', max_tokens: 64_000 }, on('high', 16_000)],
  ['within a budget', { reasoning_effort: 'low', max_tokens: 5024 }, on('low', 1424)],
  ['within a budget', { reasoning_effort: 'high', max_completion_tokens: 5024 }, on('high', 3024)],
  ['within a budget', { reasoning_effort: 'low', max_tokens: 1025 }, on('low', 1024)],
  ['within a budget', { reasoning_effort: 'max', max_tokens: 1025 }, on('max', 1024)],
  ['within a budget', { reasoning_effort: 'low', max_tokens: 1024 }, off, /no room to think/],
  ['within a budget', { reasoning_effort: 'low', ...forced }, off, /has to call a tool/],
  ['without thinking', {}, off],
  ['without thinking', { reasoning_effort: 'none' }, off],
  ['without thinking', { reasoning_effort: 'high' }, off, /does not think/],
  ['flexible', {}, off],
  ['flexible', { reasoning_effort: 'none', ...forced }, off],
  ['flexible', { reasoning_effort: 'high' }, on('high')],
  ['flexible', { reasoning_effort: 'xhigh' }, on('high'), /high is the nearest/],
  ['flexible', { reasoning_effort: 'high', max_tokens: 10 }, on('high')],
  ['flexible', { reasoning_effort: 'high', ...named }, off, /has to call a tool/],
  ['flexible', { reasoning_effort: 'high', tools }, on('high')],
  ['thinker', {}, on()],
  ['thinker', { reasoning_effort: 'none' }, on('low'), /always thinks; low is used/],
  ['thinker', { reasoning_effort: 'minimal' }, on('low')],
  ['thinker', { reasoning_effort: 'xhigh' }, on('xhigh')],
  ['thinker', forced, on()],
  ['coarse', { reasoning_effort: 'none' }, on('medium'), /medium is used/],
  ['coarse', { reasoning_effort: 'low' }, on('medium'), /medium is the nearest/],
  ['coarse', { reasoning_effort: 'high' }, on('max'), /max is the nearest/],
  ['plain', { reasoning_effort: 'none' }, on(), /always thinks$|always thinks\)$/],
  ['plain', { reasoning_effort: 'high' }, on(), /no levels/],
]; // prettier-ignore
for (const [model, body, expected, note] of THINKING) {
  test(`${JSON.stringify(body)} on a model that is ${model} is ${JSON.stringify(expected)}`, () => {
    const { settings, ignored } = map(model, body);
    assert.deepEqual(pick(settings, 'thinking', 'effort', 'thinkingBudgetTokens'), expected);
    if (note) assert.match(ignored.join(), note);
    else assert.deepEqual(ignored, []);
  });
}

test('the default effort counts where the client does not say, and is never named as something it asked for', () => {
  assert.deepEqual(map('unlisted', {}, 'medium'), { settings: on('medium'), ignored: [] });
  assert.deepEqual(map('flexible', {}, 'xhigh'), { settings: on('high'), ignored: [] });
  assert.deepEqual(map('plain', {}, 'high'), { settings: on(), ignored: [] });
  assert.deepEqual(map('within a budget', {}, 'high'), { settings: on('high', 16_000), ignored: [] });
  assert.deepEqual(map('within a budget', { max_tokens: 5 }, 'low'), { settings: { ...off, maxOutputTokens: 5 }, ignored: [] });
  assert.deepEqual(map('without thinking', {}, 'low'), { settings: off, ignored: [] });
  assert.deepEqual(map('flexible', { reasoning_effort: 'none' }, 'high'), { settings: off, ignored: [] });
}); // prettier-ignore

const SAMPLING: [ModelName, body: object, TurnSettings, ignored?: string[]][] = [
  ['unlisted', {}, {}],
  ['unlisted', { temperature: 0 }, { temperature: 0 }],
  ['unlisted', { temperature: 1 }, { temperature: 1 }],
  ['unlisted', { temperature: 1.01 }, { temperature: 1 }, ['temperature']],
  ['unlisted', { top_p: 0.9 }, { topP: 0.9 }],
  ['unlisted', { top_p: 1 }, {}],
  ['unlisted', { temperature: 0.2, top_p: 1 }, { temperature: 0.2 }],
  ['unlisted', { temperature: 1, top_p: 0.9 }, { topP: 0.9 }],
  ['unlisted', { temperature: 2, top_p: 0.9 }, { topP: 0.9 }, ['temperature']],
  ['unlisted', { temperature: 0.2, top_p: 0.9 }, { temperature: 0.2 }, ['top_p']],
  ['unlisted', { temperature: 0.2, top_p: 0.9, reasoning_effort: 'low' }, {}, ['temperature', 'top_p']],
  ['thinker', { temperature: 1, top_p: 1 }, {}],
  ['thinker', { temperature: 0 }, {}, ['temperature']],
]; // prettier-ignore
for (const [model, body, expected, names = []] of SAMPLING) {
  test(`${JSON.stringify(body)} on a model that is ${model} samples with ${JSON.stringify(expected)}`, () => {
    const { settings, ignored } = map(model, body);
    assert.deepEqual(pick(settings, 'temperature', 'topP'), expected);
    assert.deepEqual(ignored.map((entry) => entry.split(' ')[0]), names);
  }); // prettier-ignore
}

for (const [stop, param] of [
  ['', 'stop'],
  [['a', ''], 'stop[1]'],
] as const) {
  test(`the empty stop sequence of ${JSON.stringify(stop)} is refused`, () => {
    assert.throws(
      () => map('unlisted', { stop }),
      (error: GatewayError) => error.status === 400 && error.param === param,
    );
  });
}

function pick(settings: TurnSettings, ...names: (keyof TurnSettings)[]): Partial<TurnSettings> {
  return Object.fromEntries(names.flatMap((name) => (name in settings ? [[name, settings[name]]] : [])));
}
