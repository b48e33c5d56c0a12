// Guarantee: nothing but an equal history of the same key is ever continued.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { Gateway } from '../support/gateway.ts';
import { authKeys, interleaveTenants, keyOf } from '../support/tenants.ts';

const TENANTS = 20;
const settings = { AUTH__KEYS: authKeys(TENANTS), CLAUDE__MAX_CONCURRENT_SESSIONS: '6', PROCESS_POOL__SIZE: '6' };
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings });
});
afterAll(() => gateway.stop());

test('twenty tenants with equal texts and different answers see nothing of each other', async () => {
  await interleaveTenants(gateway, TENANTS, 400, 1);
  const response = await fetch(`${gateway.url}/stats`, { headers: { 'x-api-key': keyOf(0) } });
  const { pool } = (await response.json()) as { pool: { leases: Record<string, number>; starts: number } };
  // It only proves something when conversations were continued, taken back and emptied on the way.
  for (const tier of ['live', 'rewound', 'emptied'])
    assert.ok((pool.leases[tier] ?? 0) > 0, `${tier}: ${JSON.stringify(pool)}`);
});
