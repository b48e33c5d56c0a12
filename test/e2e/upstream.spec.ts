// Guarantee: a refusal of the provider is told once by the provider and then by this service, for as long as it lasts and
// only to whom it concerns; readiness and figures tell the truth about it.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { ask, Gateway } from '../support/gateway.ts';
import { failure, text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

interface Stats {
  since_start: { cost_usd: number };
  spending: Record<string, { turns: number; unaccounted: number; tokens: Record<string, number>; cost_usd: number }>;
  upstream: {
    blocked: { model: string; reason: string; retry_after_seconds: number }[];
    rate_limits: { type: string; status: string; resets_at: string; utilization: number }[];
  };
}

const LIMITED = 'claude-sonnet-4-5';
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: { CLAUDE__MAX_RETRIES: '1' } });
});
afterAll(() => gateway.stop());
afterEach(() => gateway.api.reset());

async function stats(of = gateway): Promise<Stats> {
  return (await (await fetch(`${of.url}/stats`)).json()) as Stats;
}

async function outcome(
  body: object,
  of = gateway,
): Promise<{ status: number; code: string | null; retryAfter: number }> {
  const response = await of.post(body);
  const answer = (await response.json()) as { error?: { code: string } };
  return {
    status: response.status,
    code: answer.error?.code ?? null,
    retryAfter: Number(response.headers.get('retry-after')),
  };
}

async function readiness(of = gateway): Promise<{ code: number; problem: string | undefined }> {
  const response = await fetch(`${of.url}/health/ready`);
  const body = (await response.json()) as { details: { cli: { problem?: { code: string } } } };
  return { code: response.status, problem: body.details.cli.problem?.code };
}

test('a rate limit is remembered for its model until its time has passed; other models do not notice', async () => {
  gateway.api.respond(({ body }) =>
    body.model === LIMITED ? failure(429, { headers: { 'retry-after': '2' } }) : text('fine'),
  );
  const first = await outcome(ask('x', { model: LIMITED }));
  assert.deepEqual([first.status, first.code], [429, 'rate_limit_exceeded']);
  assert.ok(first.retryAfter >= 2 && first.retryAfter <= 3);
  for (const stream of [false, true]) {
    const next = await outcome(ask('x', { model: LIMITED, stream }));
    assert.deepEqual([next.status, next.code], [429, 'rate_limit_exceeded']);
    assert.ok(next.retryAfter >= 1 && next.retryAfter <= first.retryAfter);
  }
  assert.equal((await outcome(ask('x'))).status, 200);
  assert.equal((await readiness()).code, 200);
  assert.deepEqual(
    (await stats()).upstream.blocked.map(({ model, reason }) => ({ model, reason })),
    [{ model: LIMITED, reason: 'rate-limit' }],
  );
  const asked = (): number => gateway.api.requests.filter(({ body }) => body.model === LIMITED).length;
  assert.equal(asked(), 1);
  gateway.api.respond(text('fine'));
  await waitFor('the time to pass', async () => (await outcome(ask('x', { model: LIMITED }))).status === 200);
  assert.equal(asked(), 2);
  assert.deepEqual((await stats()).upstream.blocked, []);
});

test('a limit whose time has passed refuses none of the next burst', async () => {
  const model = 'claude-sonnet-4-5';
  gateway.api.respondOnce(failure(429, { headers: { 'retry-after': '1' } }));
  assert.equal((await outcome(ask('x', { model }))).status, 429);
  await waitFor('the time to pass', async () => (await stats()).upstream.blocked.length === 0);
  gateway.api.respond(text('fine', { firstDelayMs: 300 }));
  const burst = await Promise.all(Array.from({ length: 8 }, () => outcome(ask('x', { model }))));
  assert.deepEqual(
    burst.map(({ status }) => status),
    burst.map(() => 200),
  );
});

test('requests that wait in line for a model that was limited meanwhile are refused without being sent', async () => {
  const small = await Gateway.start({
    settings: {
      CLAUDE__MAX_CONCURRENT_SESSIONS: '1',
      PROCESS_POOL__SIZE: '1',
      PROCESS_POOL__MAX_IDLE: '1',
      PROCESS_POOL__MIN_IDLE: '1',
    },
  });
  small.api.respond(failure(429, { headers: { 'retry-after': '30' } }));
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => outcome(ask('x'), small)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    [429, 429, 429, 429],
  );
  assert.equal(small.api.requests.length, 1);
  await small.stop();
});

test('overload is remembered only where the provider named a time', async () => {
  gateway.api.respondOnce(failure(529), failure(529));
  assert.deepEqual(await outcome(ask('x')), { status: 503, code: 'upstream_overloaded', retryAfter: 5 });
  assert.equal((await outcome(ask('x'))).status, 200);
  const model = 'claude-opus-4-5';
  gateway.api.respondOnce(failure(529, { headers: { 'retry-after': '20' } }));
  const first = await outcome(ask('x', { model }));
  assert.deepEqual([first.status, first.code], [503, 'upstream_overloaded']);
  const sent = gateway.api.requests.length;
  const next = await outcome(ask('x', { model }));
  assert.ok(next.status === 503 && next.retryAfter > 5 && next.retryAfter <= 25, JSON.stringify(next));
  assert.equal(gateway.api.requests.length, sent);
});

test('a model that the key may not use leaves the service as it is', async () => {
  gateway.api.respond(({ body }) => (body.model === LIMITED ? failure(403) : text('fine')));
  for (let round = 0; round < 2; round += 1) {
    const { status, code } = await outcome(ask('x', { model: LIMITED }));
    assert.deepEqual([status, code], [502, 'upstream_permission_denied']);
    assert.equal((await readiness()).code, 200);
    assert.equal((await outcome(ask('x'))).status, 200);
  }
});

test('refused credentials turn readiness off, are found out about without a request of a model, and turn it on again', async () => {
  gateway.api.countTokens(401);
  gateway.api.respond(failure(401));
  const first = await outcome(ask('x'));
  assert.deepEqual([first.status, first.code], [502, 'upstream_authentication_failed']);
  assert.deepEqual(await readiness(), { code: 503, problem: 'upstream_authentication_failed' });
  assert.equal((await fetch(`${gateway.url}/health/live`)).status, 200);
  const sent = gateway.api.requests.length;
  for (const model of ['claude-haiku-4-5', LIMITED]) {
    const next = await outcome(ask('x', { model }));
    assert.deepEqual([next.status, next.code], [502, 'upstream_authentication_failed']);
    assert.ok(next.retryAfter >= 1);
  }
  assert.equal(gateway.api.requests.length, sent);
  gateway.api.respond(text('fine'));
  gateway.api.countTokens(200);
  await waitFor('readiness', async () => (await readiness()).code === 200);
  assert.equal(gateway.api.requests.length, sent);
  assert.equal((await outcome(ask('x'))).status, 200);
});

test("where tokens cannot be counted the next client's request finds out", async () => {
  gateway.api.countTokens(404);
  gateway.api.respond(failure(401));
  assert.equal((await outcome(ask('x'))).status, 502);
  gateway.api.respond(text('fine'));
  await waitFor('an answer', async () => (await outcome(ask('x'))).status === 200);
  assert.equal((await readiness()).code, 200);
  gateway.api.countTokens(200);
});

test('what a cancelled turn has cost is in the figures under its own name', async () => {
  const before = (await stats()).spending;
  gateway.api.respond(
    text('a long answer '.repeat(50), { deltaDelayMs: 50, usage: { input_tokens: 1000, output_tokens: 500 } }),
  );
  const leaving = new AbortController();
  const response = await gateway.post(ask('x', { stream: true }), { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  const cancelled = async (): Promise<number> => (await stats()).spending['cancelled']?.turns ?? 0;
  await waitFor('its account', async () => (await cancelled()) === (before['cancelled']?.turns ?? 0) + 1);
  const { spending } = await stats();
  assert.equal((spending['cancelled']?.tokens['input'] ?? 0) - (before['cancelled']?.tokens['input'] ?? 0), 1000);
  assert.ok((spending['cancelled']?.cost_usd ?? 0) > (before['cancelled']?.cost_usd ?? 0));
  assert.equal(spending['answered']?.turns, before['answered']?.turns);
});

test('the figures and the headers of answers add up, and the service spends nothing for itself', async () => {
  const before = await stats();
  gateway.api.respond(text('fine', { usage: { input_tokens: 1000, output_tokens: 500 } }));
  let told = 0;
  for (let count = 0; count < 3; count += 1) {
    const response = await gateway.post(ask(`x ${count}`));
    told += Number(response.headers.get('x-claude-code-cost-usd'));
    await response.arrayBuffer();
  }
  const now = await stats();
  const spent = (now.spending['answered']?.cost_usd ?? 0) - (before.spending['answered']?.cost_usd ?? 0);
  assert.ok(told > 0 && Math.abs(spent - told) < 1e-5, `${spent} spent, ${told} told`);
  assert.ok(Math.abs(now.since_start.cost_usd - before.since_start.cost_usd - spent) < 1e-9);
  assert.equal(now.spending['overhead']?.cost_usd, 0);
});

test('an allowance of a subscription that runs out is told in the figures and by the health check', async () => {
  const subscription = await Gateway.start({
    environment: { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test' },
  });
  const resetsAt = Math.floor(Date.now() / 1000) + 3600;
  subscription.api.respond(
    failure(429, {
      headers: {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': String(resetsAt),
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      },
    }),
  );
  const first = await outcome(ask('x'), subscription);
  assert.equal(first.status, 429);
  assert.ok(first.retryAfter > 3500 && first.retryAfter <= 3600, `${first.retryAfter}`);
  const other = await outcome(ask('x', { model: LIMITED }), subscription);
  assert.equal(other.status, 429);
  assert.equal(subscription.api.requests.length, 1);
  const { upstream } = await stats(subscription);
  assert.deepEqual(
    upstream.rate_limits.map(({ type, status, resets_at }) => ({ type, status, resets_at })),
    [{ type: 'five_hour', status: 'rejected', resets_at: new Date(resetsAt * 1000).toISOString() }],
  );
  assert.equal(upstream.blocked[0]?.model, '*');
  const health = (await (await fetch(`${subscription.url}/health`)).json()) as { details: { cli: object } };
  assert.deepEqual(Object.keys(health.details.cli).includes('upstream'), true);
  await subscription.stop();
});
