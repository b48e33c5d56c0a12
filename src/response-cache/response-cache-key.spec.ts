// Guarantee: two requests share a key exactly when they ask the same of the same model for the same tenant.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import type { Turn } from '../claude-cli/turn/turn.ts';
import { canonicalJson } from '../claude-cli/turn/canonical-json.ts';
import { responseCacheKey, type KeyedRequest } from './response-cache-key.ts';

const turn: Turn = {
  model: 'claude-sonnet-4-5',
  system: ['Be brief.'],
  history: [
    { role: 'user', content: [{ type: 'text', text: 'hello' }] },
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'a', name: 'now', input: { zone: 'UTC', format: 'iso' } },
        { type: 'tool_use', id: 'b', name: 'now', input: {} },
      ],
    },
  ],
  message: {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'a', content: 'noon' },
      { type: 'tool_result', tool_use_id: 'b', content: 'night' },
    ],
  },
  tools: [{ name: 'now', inputSchema: { type: 'object', properties: { zone: { type: 'string' } } } }],
  settings: { temperature: 0.5 },
};
const request: KeyedRequest = { tenant: 'alice', turn, choices: 1 };
const withTurn = (change: Partial<Turn>): KeyedRequest => ({ ...request, turn: { ...turn, ...change } });
/** The same request with other ids for its two calls. */
const withIds = (first: string, second: string): KeyedRequest => {
  const ids: Record<string, string> = { a: first, b: second };
  const json = JSON.stringify(turn).replaceAll(/"((?:tool_use_)?id)":"([ab])"/g, (_all, name: string, id: string) =>
    JSON.stringify({ [name]: ids[id] }).slice(1, -1),
  );
  return { ...request, turn: JSON.parse(json) as Turn };
};

const [user, assistant] = turn.history;
const [firstResult, secondResult] = turn.message.content;
const DIFFERENT: [what: string, request: KeyedRequest][] = [
  ['tenant', { ...request, tenant: 'bob' }],
  ['number of choices', { ...request, choices: 2 }],
  ['response format', { ...request, identity: { format: { type: 'json_object' } } }],
  ['seed', { ...request, identity: { seed: 1 } }],
  ['API', { ...request, identity: { api: 'messages' } }],
  ['model', withTurn({ model: 'claude-haiku-4-5' })],
  ['system text', withTurn({ system: ['Be long.'] })],
  ['place where a system text ends', withTurn({ system: ['Be ', 'brief.'] })],
  ['tools', withTurn({ tools: [] })],
  ['description of a tool', withTurn({ tools: [{ ...turn.tools[0]!, description: 'The time.' }] })],
  ['parameters of a tool', withTurn({ tools: [{ name: 'now', inputSchema: { type: 'object' } }] })],
  ['temperature', withTurn({ settings: { temperature: 0.6 } })],
  ['stop sequences', withTurn({ settings: { temperature: 0.5, stopSequences: ['x'] } })],
  ['tool choice', withTurn({ settings: { temperature: 0.5, toolChoice: { type: 'none' } } })],
  ['history', withTurn({ history: [{ role: 'user', content: [{ type: 'text', text: 'hello!' }] }, assistant!] })],
  ['role', withTurn({ history: [{ role: 'user', content: user!.content as never }, { ...user!, role: 'assistant' } as never] })],
  ['message', withTurn({ message: { role: 'user', content: [{ type: 'text', text: 'hello' }] } })],
  ['results that are exchanged', withTurn({ message: { role: 'user', content: [
    { type: 'tool_result', tool_use_id: 'b', content: 'noon' },
    { type: 'tool_result', tool_use_id: 'a', content: 'night' },
  ] } })],
  ['order of results', withTurn({ message: { role: 'user', content: [secondResult!, firstResult!] } })],
]; // prettier-ignore

test('every request that asks for something else has a key of its own', () => {
  const keys = [request, ...DIFFERENT.map(([, other]) => other)].map(responseCacheKey);
  for (const [index, [what]] of DIFFERENT.entries())
    assert.equal(keys.indexOf(keys[index + 1]!), index + 1, `another ${what}`);
});

test('equal requests share a key, whatever the order of the fields and the ids of the calls', () => {
  const key = responseCacheKey(request);
  const reordered = JSON.parse(JSON.stringify(turn)) as Turn;
  const settings = Object.fromEntries(Object.entries(reordered.settings).toReversed());
  const swapped = Object.fromEntries(Object.entries({ ...reordered, settings }).toReversed()) as unknown as Turn;
  assert.equal(responseCacheKey({ choices: 1, turn: swapped, tenant: 'alice' }), key);
  assert.equal(responseCacheKey({ ...request, identity: undefined }), key);
  assert.equal(responseCacheKey(withIds('toolu_1', 'toolu_2')), key);
  assert.equal(responseCacheKey(withIds('b', 'a')), key);
});

test('canonical JSON is that of the same value with its keys in order', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const canonical = canonicalJson(value);
      // A zero below zero is written as 0, by JSON.stringify too.
      assert.deepEqual(JSON.parse(canonical), JSON.parse(JSON.stringify(value)));
      assert.equal(canonicalJson(reverseKeys(value)), canonical);
    }),
  );
});

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reverseKeys(member)]),
  );
}
