// Guarantee: with the real CLI, keys come and go without a restart, what they spend is counted to the last turn, and the
// day's ceiling survives a restart.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, test } from '@jest/globals';
import { ask, Gateway, type GatewayOptions } from '../support/gateway.ts';
import { waitFor } from '../support/wait-for.ts';
import type { KeyFigures } from '../../src/stats/key-figures.ts';
import { failure, text, type Script, type ScriptedReply } from '../support/scripted-messages-api.ts';

const ENTRY = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

let directory: string;
let gateway: Gateway | undefined;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'keys-e2e-'))));
afterEach(async () => {
  await gateway?.stop({ keepsDirectory: true });
  gateway = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Starts the service in the test's directory, where the keys file and what it stores are. */
async function start(options: GatewayOptions = {}): Promise<Gateway> {
  gateway = await Gateway.start({ ...options, directory });
  return gateway;
}

/** Runs `ccapi keys` as an operator does, and returns what it prints. */
async function keys(...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [ENTRY, 'keys', ...words], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
  child.stderr.resume();
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0);
  return output.trim();
}

const bearer = (key: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${key}` } });

const statusOf = async (service: Gateway, key: string): Promise<number> =>
  (await fetch(`${service.url}/v1/models`, bearer(key))).status;

const figures = async (service: Gateway, key: string): Promise<KeyFigures> =>
  ((await (await fetch(`${service.url}/stats`, bearer(key))).json()) as { key: KeyFigures }).key;

/** An answer for which the CLI reckons about half a dollar. */
const dear = text('dear', { usage: { output_tokens: 100_000 } });

test('keys are taken up and revoked while it runs; what a revoked key began is not cut off', async () => {
  const alice = await keys('add', 'alice');
  const service = await start({ settings: { SERVER__HOST: '0.0.0.0' } });
  assert.equal((await service.post(ask('x'), bearer(alice))).status, 200);
  const bob = await keys('add', 'bob');
  await waitFor('the new key', async () => (await statusOf(service, bob)) === 200, 5_000);
  service.api.respond(text('many words '.repeat(10), { deltaDelayMs: 300 }));
  const stream = await service.post(ask('x', { stream: true }), bearer(alice));
  await keys('revoke', 'alice');
  await waitFor('the key to be refused', async () => (await statusOf(service, alice)) === 401, 5_000);
  assert.equal((await service.post(ask('x'), bearer(alice))).status, 401);
  assert.match(await stream.text(), /\[DONE\]/);
  assert.equal(await statusOf(service, bob), 200);
  for (const secret of [alice, bob]) assert.ok(!service.output.includes(secret));
  assert.match(service.output, /"revoked":\["alice"\]/);
}); // prettier-ignore

for (const end of ['SIGTERM', 'SIGKILL'] as const) {
  test(`the ceiling of a day is still reached after another start, after ${end}`, async () => {
    const alice = await keys('add', 'alice', '--daily-cost-usd', '0.4');
    let service = await start();
    service.api.respond(dear);
    const paid = await service.post(ask('x'), bearer(alice));
    assert.equal(paid.status, 200);
    const cost = Number(paid.headers.get('x-claude-code-cost-usd'));
    assert.ok(cost >= 0.4, String(cost));
    const refused = async (): Promise<void> => {
      const response = await service.post(ask('x'), bearer(alice));
      assert.equal(response.status, 429);
      assert.match(await response.text(), /"code":"insufficient_quota"/);
    };
    await refused();
    const requests = service.api.requests.length;
    if (end === 'SIGKILL') {
      const spending = join(directory, 'data/spending.json');
      await waitFor('the record', () => existsSync(spending), 5_000);
    }
    service.signal(end);
    await service.exited();
    await service.stop({ keepsDirectory: true });
    service = await start();
    await refused();
    assert.ok(Math.abs((await figures(service, alice)).daily_cost_usd.used - cost) < 1e-6);
    assert.deepEqual([requests, service.api.requests.length], [1, 0]);
  });
}

test('whatever its end, a turn is charged with what is known of it', async () => {
  const alice = await keys('add', 'alice', '--tokens-per-minute', '1000000');
  const service = await start({ settings: { CLAUDE__MAX_RETRIES: '1' } });
  const tools = [{ type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } }];
  const answered = async (reply: ScriptedReply | Script, more: object = {}): Promise<number> => {
    service.api.respond(reply);
    const before = (await figures(service, alice)).tokens_per_minute.used;
    await (await service.post(ask('x', more), bearer(alice))).text();
    return (await figures(service, alice)).tokens_per_minute.used - before;
  };
  assert.equal(await answered(text('whole')), 26);
  assert.equal(await answered(text('streamed'), { stream: true }), 26);
  // What the CLI asks next by itself is cancelled before a model could answer.
  const cut = text('cut off', { stopReason: 'max_tokens' });
  const asked = service.api.requests.length;
  const never = text('continued', { firstDelayMs: 1000 });
  assert.equal(await answered((request) => (request.index === asked ? cut : never)), 26);
  assert.equal(await answered(text('three times'), { n: 3 }), 3 * 26);
  const costBefore = (await figures(service, alice)).daily_cost_usd.used;
  service.api.respond(({ body }) => ({
    kind: 'message',
    content: [{ type: 'tool_use', name: body.tools?.find(({ name }) => name.endsWith('now'))?.name ?? '', input: {} }],
    usage: { output_tokens: 100_000 },
  }));
  const call = await service.post(ask('x', { tools }), bearer(alice));
  assert.match(await call.text(), /"finish_reason":"tool_calls"/);
  assert.ok((await figures(service, alice)).daily_cost_usd.used - costBefore >= 0.4);
  assert.equal(await answered(failure(400)), 0);

  service.api.respond(text('left in the middle '.repeat(50), { deltaDelayMs: 100 }));
  const before = (await figures(service, alice)).tokens_per_minute.used;
  const leaving = new AbortController();
  const left = await service.post(ask('x', { stream: true }), { ...bearer(alice), signal: leaving.signal });
  leaving.abort();
  await assert.rejects(left.text());
  // The prompt of 19 tokens, and what the CLI reckons of the answer so far.
  await waitFor('the charge', async () => (await figures(service, alice)).tokens_per_minute.used >= before + 20);
});
