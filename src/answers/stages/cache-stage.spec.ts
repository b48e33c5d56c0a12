// Guarantee: only requests that stand for themselves reach the response cache, under a key of their tenant.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { NEVER } from 'rxjs';
import type { ResponseCache } from '../../response-cache/response-cache.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { CacheStage } from './cache-stage.ts';

test('what a conversation says next is never cached', () => {
  const keys: (string | undefined)[] = [];
  const cache = {
    isEnabled: true,
    answer: ({ key }: { key: string | undefined }) => {
      keys.push(key);
      return NEVER;
    },
  };
  const turn = {
    model: 'm',
    system: [],
    history: [],
    message: { role: 'user', content: [] },
    tools: [],
    settings: {},
  };
  const caching = { control: { reads: true, stores: true }, onStatus: () => undefined };
  for (const isGiven of [false, true]) {
    const asked = { context: { tenant: 'alice' }, turn, caching, choices: 1, conversation: { isGiven } };
    new CacheStage(cache as unknown as ResponseCache).around(asked as unknown as AskedTurn, () => NEVER);
  }
  assert.match(keys[0] ?? '', /^[\w-]{43} alice$/);
  assert.equal(keys[1], undefined);
});
