// Guarantee: a turn is asked and answered in the client's terms, whatever names the model is given.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { from, lastValueFrom, toArray } from 'rxjs';
import { finish } from '../../../test/support/turn-events.ts';
import type { Turn, TurnEvent } from '../../claude-cli/turn/turn.ts';
import { messagesUnderModelNames, runUnderModelNames } from './rename-turn.ts';

const f = { name: 'f', inputSchema: { type: 'object', properties: { $a: {}, b: {} } } };
const g = { name: 'g', inputSchema: { type: 'object', properties: { _a: {} } } };
const call = (name: string, input: object): { type: 'tool_use'; id: string; name: string; input: object } => ({ type: 'tool_use', id: 'i', name, input }); // prettier-ignore
const user = { role: 'user', content: [{ type: 'text', text: '$a' }] } as const;
const turn: Turn = {
  model: 'm',
  system: [],
  history: [user, { role: 'assistant', content: [{ type: 'text', text: '$a' }, call('f', { $a: 1 }), call('g', { _a: 1, $a: 2 }), call('h', { $a: 3 })] }],
  message: user,
  tools: [f, g],
  settings: {},
}; // prettier-ignore

/** What the client gets of what a model says, and what the model was asked. */
async function run(events: readonly TurnEvent[], asked: Turn = turn): Promise<{ seen: Turn; told: TurnEvent[] }> {
  let seen = asked;
  const told$ = runUnderModelNames(asked, (renamed) => {
    seen = renamed;
    return from(events);
  });
  return { told: await lastValueFrom(told$.pipe(toArray())), seen };
}

test('calls of the history are renamed tool by tool, and nothing else', async () => {
  const { seen } = await run([finish()]);
  assert.deepEqual(seen.history, [
    user,
    { role: 'assistant', content: [{ type: 'text', text: '$a' }, call('f', { _a: 1 }), call('g', { _a: 1, $a: 2 }), call('h', { $a: 3 })] },
  ]); // prettier-ignore
  assert.deepEqual(seen.tools, [{ name: 'f', inputSchema: { type: 'object', properties: { _a: { title: '$a' }, b: {} } } }, g]); // prettier-ignore
  assert.deepEqual(messagesUnderModelNames(turn.history, turn.tools), seen.history);
});

test('a turn that needs no other names is the very same', async () => {
  const asked = { ...turn, tools: [g] };
  const { seen, told } = await run([finish()], asked);
  assert.equal(seen, asked);
  assert.deepEqual(told, [finish()]);
  assert.equal(messagesUnderModelNames(turn.history, [g]), turn.history);
});

test('calls are told as they come, each under the names of its tool', async () => {
  const { told } = await run([
    { type: 'start', model: 'm' },
    { type: 'tool-call-start', index: 0, id: 'x', name: 'f' },
    { type: 'tool-call-delta', index: 0, json: '{"_' },
    { type: 'tool-call-delta', index: 0, json: 'a"' },
    { type: 'tool-call-delta', index: 0, json: ':1}' },
    { type: 'tool-call-start', index: 1, id: 'y', name: 'g' },
    { type: 'tool-call-delta', index: 1, json: '{"_a":1}' },
    finish('tool-calls', { content: [call('f', { _a: 1 }), call('g', { _a: 1 })] }),
  ]);
  assert.deepEqual(told, [
    { type: 'start', model: 'm' },
    { type: 'tool-call-start', index: 0, id: 'x', name: 'f' },
    { type: 'tool-call-delta', index: 0, json: '{' },
    { type: 'tool-call-delta', index: 0, json: '"$a"' },
    { type: 'tool-call-delta', index: 0, json: ':1}' },
    { type: 'tool-call-start', index: 1, id: 'y', name: 'g' },
    { type: 'tool-call-delta', index: 1, json: '{"_a":1}' },
    finish('tool-calls', { content: [call('f', { $a: 1 }), call('g', { _a: 1 })] }),
  ]);
});

test('a call that breaks off in a name is told as far as it goes', async () => {
  const { told } = await run([
    { type: 'tool-call-start', index: 0, id: 'x', name: 'f' },
    { type: 'tool-call-delta', index: 0, json: '{"_a":1,"_a' },
    finish('length'),
  ]);
  const json = told.map((event) => (event.type === 'tool-call-delta' ? event.json : '')).join('');
  assert.equal(json, '{"$a":1,"_a');
  assert.equal(told.at(-1)?.type, 'finish');
});
