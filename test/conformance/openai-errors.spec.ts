// Guarantee: the openai package throws for each failure the class, code and param that it has for OpenAI's own, and repeats
// what is worth repeating.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import {
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { ask, Gateway } from '../support/gateway.ts';
import { failure, text, type ScriptedReply } from '../support/scripted-messages-api.ts';
import { ClientProbe } from './client-probe.ts';
import { test } from './known-failures.ts';

const KEY = 'key-of-alice';
const probe = new ClientProbe();
let gateway: Gateway;
beforeAll(async () => {
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  gateway = await Gateway.start({
    settings: { AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256 }]), CLAUDE__MAX_RETRIES: '1' },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());
afterEach(() => probe.finish());

const client = (
  options: { apiKey?: string; maxRetries?: number; timeout?: number } = {},
): ReturnType<Gateway['client']> => gateway.client({ fetch: probe.fetch, apiKey: KEY, ...options });

test('a wrong key is an AuthenticationError', async () => {
  await assert.rejects(client({ apiKey: 'wrong' }).chat.completions.create(ask('x')), (error: unknown) => {
    assert.ok(error instanceof AuthenticationError);
    assert.deepEqual([error.status, error.code, error.type], [401, 'invalid_api_key', 'invalid_request_error']);
    return true;
  });
  assert.equal(gateway.api.requests.length, 0);
});

test('an unknown model is a NotFoundError', async () => {
  for (const stream of [false, true]) {
    await assert.rejects(
      client().chat.completions.create({ ...ask('x'), model: 'gpt-4o', stream }),
      (error: unknown) => {
        assert.ok(error instanceof NotFoundError);
        assert.deepEqual([error.code, error.param], ['model_not_found', 'model']);
        return true;
      },
    );
  }
});

test('a field that is wrong is a BadRequestError that names it', async () => {
  for (const stream of [false, true]) {
    await assert.rejects(client().chat.completions.create(ask('x', { temperature: 3, stream })), (error: unknown) => {
      assert.ok(error instanceof BadRequestError);
      assert.deepEqual([error.code, error.param], ['number_above_max_value', 'temperature']);
      return true;
    });
  }
});

for (const [field, value] of Object.entries({
  moderation: { model: 'omni-moderation-latest' },
})) {
  test(`${field} is refused by its name`, async () => {
    await assert.rejects(client().chat.completions.create(ask('x', { [field]: value })), (error: unknown) => {
      assert.ok(error instanceof BadRequestError);
      assert.deepEqual([error.code, error.param], ['unsupported_parameter', field]);
      return true;
    });
  });
}

const AGAIN: [title: string, reply: ScriptedReply, type: typeof RateLimitError | typeof InternalServerError, code: string][] = [
  ['the rate limit upstream is a RateLimitError, and the client tries again', failure(429, { headers: { 'retry-after': '1' } }), RateLimitError, 'rate_limit_exceeded'],
  ['a failure upstream is an InternalServerError, and the client tries again', failure(500), InternalServerError, 'upstream_error'],
]; // prettier-ignore
for (const [title, reply, type, code] of AGAIN) {
  test(title, async () => {
    gateway.api.respond(reply);
    await assert.rejects(
      client().chat.completions.create(ask('x')),
      (error: unknown) => error instanceof type && error.code === code,
    );
    const stream = client({ maxRetries: 2 }).chat.completions.stream(ask('x'));
    gateway.api.respond(() => (probe.statuses.length < 2 ? reply : text('at last')));
    assert.equal(await stream.finalContent(), 'at last');
    assert.equal(probe.statuses.length, 3);
    assert.equal(probe.statuses.at(-1), 200);
  });
}

test('a client that waits no longer has a timeout of its own, and the turn ends', async () => {
  gateway.api.respond({ kind: 'hang' });
  await assert.rejects(client({ timeout: 300 }).chat.completions.create(ask('x')), APIConnectionTimeoutError);
  await gateway.api.until(({ requests }) => requests.length === 0 || requests[0]?.outcome === 'cancelled');
});
