// Guarantee: what the provider says of rate limits, credentials and cost is read off the CLI as it was said.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { UpstreamError } from '../../src/claude-cli/errors.ts';
import { spendingSince } from '../../src/claude-cli/turn/spending.ts';
import type { RateLimit } from '../../src/claude-cli/turn/rate-limit.ts';
import { cancelAt, CliBench, finishOf, run, turnOf } from '../support/cli-session.ts';
import { failure, text } from '../support/scripted-messages-api.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.api.reset();
  bench.api.respond(text('fine'));
});

const SUBSCRIPTION = { lean: false, credentials: { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test' } };

function allowance(status: string, resetsAt: number): Record<string, string> {
  return {
    'anthropic-ratelimit-unified-status': status,
    'anthropic-ratelimit-unified-reset': String(resetsAt),
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    'anthropic-ratelimit-unified-5h-reset': String(resetsAt),
    'anthropic-ratelimit-unified-5h-utilization': '0.95',
  };
}

test('an allowance of a subscription is told with its use and when it is whole again', async () => {
  const limits: RateLimit[] = [];
  const session = bench.session({ ...SUBSCRIPTION, onRateLimit: (limit) => limits.push(limit) });
  const resetsAt = Math.floor(Date.now() / 1000) + 3600;
  bench.api.respond(text('fine', { headers: allowance('allowed', resetsAt) }));
  await run(session, turnOf(['x']));
  assert.deepEqual(limits, [{ status: 'allowed', type: 'five_hour', resetsAtMs: resetsAt * 1000, utilization: 0.95 }]);
});

test('an allowance that is used up fails the turn for every model, until it is whole again', async () => {
  const limits: RateLimit[] = [];
  const session = bench.session({ ...SUBSCRIPTION, onRateLimit: (limit) => limits.push(limit) });
  const resetsAt = Math.floor(Date.now() / 1000) + 1800;
  bench.api.respond(failure(429, { headers: allowance('rejected', resetsAt) }));
  await assert.rejects(run(session, turnOf(['x'])), (error: Record<string, unknown>) => {
    assert.equal(error['status'], 429);
    assert.equal(error['isAccountWide'], true);
    const seconds = error['retryAfterSeconds'] as number;
    assert.ok(seconds > 1700 && seconds <= 1800, `${seconds}`);
    return true;
  });
  assert.equal(limits.at(-1)?.status, 'rejected');
  assert.equal(bench.api.requests.length, 1);
});

test('a rate limit without a time names none, and one with a time names that', async () => {
  const session = bench.session();
  bench.api.respond(failure(429));
  await assert.rejects(run(session, turnOf(['x'])), {
    status: 429,
    retryAfterSeconds: undefined,
    isAccountWide: false,
  });
  bench.api.respond(failure(429, { headers: { 'retry-after': '8' } }));
  await assert.rejects(run(session, turnOf(['x'])), ({ retryAfterSeconds }: { retryAfterSeconds: number }) =>
    [8, 9, 10].includes(retryAfterSeconds),
  );
  assert.equal(bench.api.requests.length, 2);
});

test('an overload that is to last is told at once instead of waited out', async () => {
  const session = bench.session();
  bench.api.respond(failure(529, { headers: { 'retry-after': '20' } }));
  await assert.rejects(run(session, turnOf(['x'])), ({ status, retryAfterSeconds }: Record<string, number>) => {
    return status === 529 && retryAfterSeconds !== undefined && retryAfterSeconds >= 20;
  });
  assert.equal(bench.api.requests.length, 1);
});

test('a key that may not use a model is told apart from credentials that are refused', async () => {
  const key = bench.session();
  bench.api.respond(failure(403));
  await assert.rejects(run(key, turnOf(['x'])), { status: 403, isAccountWide: false });
  bench.api.respond(failure(401));
  await assert.rejects(run(key, turnOf(['x'])), { status: 401, isAccountWide: true });
  const subscription = bench.session(SUBSCRIPTION);
  bench.api.respond(failure(403, { message: 'OAuth token has been revoked' }));
  await assert.rejects(run(subscription, turnOf(['x'])), { status: 403, isAccountWide: true });
});

for (const [what, reply, expected] of [
  ['a request that is refused', failure(400, { message: 'messages.0.content: Field required' }), { status: 400, errorType: 'invalid_request_error', terminalReason: 'api_error', requestId: 'req_scripted', place: 'messages.0.content', words: 'Field required' }],
  ['a prompt that is too long', failure(400, { message: 'prompt is too long: 3 tokens > 2 maximum' }), { status: 400, reason: 'invalid_request', terminalReason: 'prompt_too_long' }],
  ['an account without credit', failure(400, { message: 'Your credit balance is too low to access the Anthropic API.' }), { status: 400, reason: 'billing_error', words: 'Credit balance is too low' }],
  ['an overload', failure(529, { message: 'Overloaded' }), { status: 529, errorType: 'overloaded_error', words: 'Overloaded' }],
  ['a rate limit', failure(429), { status: 429, reason: 'rate_limit', words: 'the rate limit is exceeded' }],
  ['a connection that is closed', { kind: 'drop' }, { reason: 'connection_failed', terminalReason: 'api_error' }],
  ['a response that is none', { kind: 'raw', body: 'data: words of a client\n\n' }, { terminalReason: 'api_error', words: 'API returned an empty or malformed response (HTTP 200)' }],
] as const) {
  test(`why ${what} failed can be logged`, async () => {
    const session = bench.session();
    bench.api.respond(reply);
    await assert.rejects(run(session, turnOf(['x'])), (error: UpstreamError) => {
      assert.partialDeepStrictEqual(error.report, expected);
      assert.ok(!JSON.stringify(error.report).includes('words of a client'));
      return true;
    });
  });
} // prettier-ignore

for (const [what, options] of [
  ['a key', {}],
  ['a subscription', SUBSCRIPTION],
] as const) {
  test(`whether ${what} is accepted is found out by counting tokens, without a request of a model`, async () => {
    const session = bench.session(options);
    bench.api.countTokens(401);
    assert.equal(await session.isLoginAccepted(), false);
    bench.api.countTokens(200);
    assert.equal(await session.isLoginAccepted(), true);
    assert.equal(bench.api.requests.length, 0);
  });
}

test('a turn that was cancelled is in the running totals, and the next one costs what it costs', async () => {
  const session = bench.session();
  const usage = { input_tokens: 1000, output_tokens: 500 };
  bench.api.respond(text('a few words that take their time', { usage, deltaDelayMs: 50 }));
  const { costUsd } = await finishOf(session, turnOf(['x']));
  const before = session.spent;
  assert.ok(costUsd !== undefined && costUsd > 0 && before.costUsd === costUsd);
  assert.deepEqual([before.usage.inputTokens, before.usage.outputTokens], [1000, 500]);
  // So slow that no machine is too busy to cancel it in time.
  bench.api.respond(text('a few words that take their time', { usage, deltaDelayMs: 2_000 }));
  await cancelAt(session, turnOf(['x']), 'text-delta');
  const cancelled = spendingSince(before, session.spent);
  assert.equal(cancelled.usage.inputTokens, 1000);
  assert.ok(cancelled.costUsd > 0 && cancelled.costUsd < costUsd);
  bench.api.respond(text('a few words that take their time', { usage }));
  const next = await finishOf(session, turnOf(['x']));
  assert.ok(Math.abs((next.costUsd ?? 0) - costUsd) < 1e-9);
});
