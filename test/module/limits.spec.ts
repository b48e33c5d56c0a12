// Guarantee: each limit of a key and of the service refuses what goes beyond it, in OpenAI's shape and with its headers,
// and nothing else.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, test } from '@jest/globals';
import { concat, NEVER, of, throwError } from 'rxjs';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { call } from '../support/http-call.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { CliCrashedError } from '../../src/claude-cli/errors.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import type { KeyFigures } from '../../src/stats/key-figures.ts';

const running: TestApplication[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

const start: TurnEvent = { type: 'start', model: MODEL };
const piece: TurnEvent = { type: 'text-delta', text: 'one' };
/** An answer of 26 tokens. */
const answer = (costUsd?: number): TurnEvent[] => [
  start,
  piece,
  finish('stop', costUsd === undefined ? {} : { costUsd }),
];

/** A service with the keys alice, of these limits, and bob, of none. */
async function serve(alice: object, settings: Record<string, string> = {}): Promise<TestApplication> {
  const keys = [{ name: 'alice', ...alice }, { name: 'bob' }].map((key) => ({
    ...key,
    sha256: createHash('sha256').update(`key-of-${key.name}`).digest('hex'),
  }));
  const service = await TestApplication.start({ AUTH__KEYS: JSON.stringify(keys), ...settings });
  running.push(service);
  service.pool.answer = of(...answer());
  return service;
}

const keyOf = (name: string): Record<string, string> => ({ authorization: `Bearer key-of-${name}` });

async function ask(service: TestApplication, name = 'alice', more: object = {}): Promise<Response> {
  const body = { model: 'sonnet', messages: [{ role: 'user', content: 'hello' }], ...more };
  const response = await service.post(body, { headers: keyOf(name) });
  // Read here, so that the answer is over.
  const text = await response.text();
  return new Response(text, { status: response.status, headers: response.headers });
}

interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string;
    readonly param: string | null;
  };
}

async function errorOf(response: Response): Promise<ErrorBody['error']> {
  const body = (await response.json()) as ErrorBody;
  assertMatchesSchema('ErrorResponse', body);
  return body.error;
}

const figures = async (service: TestApplication, name = 'alice'): Promise<KeyFigures> =>
  ((await (await service.get('/stats', keyOf(name))).json()) as { key: KeyFigures }).key;

const RATE_HEADERS = ['limit', 'remaining', 'reset'];
const rate = (response: Response, kind: string): (string | null)[] =>
  RATE_HEADERS.map((name) => response.headers.get(`x-ratelimit-${name}-${kind}`));

/** A reset of up to a minute. */
const RESET = /^(1m0s|\d+(\.\d+)?s|\d+ms)$/;

function assertRetryAfter(response: Response, atMost: number): void {
  const seconds = response.headers.get('retry-after') ?? '';
  assert.match(seconds, /^\d+$/);
  assert.ok(Number(seconds) >= 1 && Number(seconds) <= atMost, seconds);
}

test('a key has so many requests a minute; every answer tells how many are left, and one more is a 429', async () => {
  const service = await serve({ requests_per_minute: 3 });
  const answers = [await ask(service), await ask(service, 'alice', { stream: true }), await ask(service, 'alice', { n: 0 })];
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 400]);
  for (const [index, response] of answers.entries()) {
    const [limit, remaining, reset] = rate(response, 'requests');
    assert.deepEqual([limit, remaining], ['3', String(2 - index)]);
    assert.match(reset ?? '', RESET);
    assert.deepEqual(rate(response, 'tokens'), [null, null, null]);
  }
  const refused = await ask(service);
  assert.equal(refused.status, 429);
  assertRetryAfter(refused, 60);
  assert.deepEqual(rate(refused, 'requests').slice(0, 2), ['3', '0']);
  const error = await errorOf(refused);
  assert.deepEqual([error.type, error.code, error.param], ['requests', 'rate_limit_exceeded', null]);
  assert.match(error.message, /key 'alice' on requests per min \(RPM\): Limit 3, Used 3\. Please try again in \d/);
  assert.equal(service.pool.turns.length, 2);
  assert.equal((await ask(service, 'bob')).status, 200);
}); // prettier-ignore

test('requests beside chat completions count too, however their path is written, and health checks and figures do not', async () => {
  const service = await serve({ requests_per_minute: 4 });
  for (const path of ['/v1/models', '/V1/Models', '/v1/nothing']) {
    const response = await service.get(path, keyOf('alice'));
    assert.equal(rate(response, 'requests')[0], '4');
  }
  for (const path of ['/health/live', '/stats']) {
    const response = await service.get(path, keyOf('alice'));
    assert.deepEqual([response.status, rate(response, 'requests')[0]], [200, null]);
  }
  assert.deepEqual(rate(await service.get('/v1/models', keyOf('alice')), 'requests')[1], '0');
  assert.equal((await service.get('/V1/MODELS', keyOf('alice'))).status, 429);
});

test('a request beyond its minute is refused before its body has come', async () => {
  const service = await serve({ requests_per_minute: 1 });
  await ask(service);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = httpRequest(`${service.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...keyOf('alice'), 'content-type': 'application/json', 'content-length': '1000' },
    });
    outgoing.on('error', reject).on('response', (response) => {
      resolve(response.statusCode);
      outgoing.destroy();
    });
    outgoing.flushHeaders();
  });
  assert.equal(status, 429);
});

test('a key has so many tokens a minute, which are known once an answer has ended', async () => {
  const service = await serve({ tokens_per_minute: 50 });
  const first = await ask(service);
  assert.deepEqual(rate(first, 'tokens').slice(0, 2), ['50', '50']);
  const second = await ask(service, 'alice', { stream: true });
  assert.deepEqual(rate(second, 'tokens').slice(0, 2), ['50', '24']);
  assert.match(rate(second, 'tokens')[2] ?? '', RESET);
  const refused = await ask(service);
  assert.equal(refused.status, 429);
  assertRetryAfter(refused, 60);
  assert.deepEqual(rate(refused, 'tokens').slice(0, 2), ['50', '0']);
  assert.deepEqual(rate(refused, 'requests'), [null, null, null]);
  const error = await errorOf(refused);
  assert.deepEqual([error.type, error.code], ['tokens', 'rate_limit_exceeded']);
  assert.match(error.message, /tokens per min \(TPM\): Limit 50, Used 52/);
  assert.equal(service.pool.turns.length, 2);
});

test('every choice of an answer counts, and so does an answer that fails after its turn was paid for', async () => {
  const service = await serve({ tokens_per_minute: 1000 });
  await ask(service, 'alice', { n: 3 });
  assert.equal((await figures(service)).tokens_per_minute.used, 3 * 26);
  service.pool.answer = concat(of(...answer(0.5)), throwError(() => new CliCrashedError(null, 'SIGKILL', '')));
  assert.equal((await ask(service)).status, 502);
  const { tokens_per_minute: tokens, daily_cost_usd: cost } = await figures(service);
  assert.deepEqual([tokens.used, cost.used], [4 * 26, 0.5]);
}); // prettier-ignore

test('a key has so many requests at once, waiting or running; one that ends or is left makes room', async () => {
  const service = await serve({ max_simultaneous: 2 });
  service.pool.answer = concat(of(start, piece), NEVER);
  const leave = [new AbortController(), new AbortController()];
  const held = leave.map(({ signal }) =>
    service
      .post({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] }, { signal, headers: keyOf('alice') })
      .catch((error: Error) => error.name),
  );
  await waitFor('both', () => service.pool.running === 2);
  const refused = await ask(service);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
  const error = await errorOf(refused);
  assert.deepEqual([error.type, error.code], ['requests', 'rate_limit_exceeded']);
  assert.match(error.message, /simultaneous requests for key 'alice': Limit 2/);
  service.pool.answer = of(...answer());
  assert.equal((await ask(service, 'bob')).status, 200);
  leave[0]!.abort();
  await waitFor('the turn to be cancelled', () => service.pool.running === 1);
  for (let times = 0; times < 3; times += 1) assert.equal((await ask(service)).status, 200);
  leave[1]!.abort();
  assert.deepEqual(await Promise.all(held), ['AbortError', 'AbortError']);
});

test('an answer that fails makes room', async () => {
  const service = await serve({ max_simultaneous: 1 });
  service.pool.answer = throwError(() => new CliCrashedError(null, 'SIGKILL', ''));
  for (let times = 0; times < 3; times += 1) assert.equal((await ask(service)).status, 502);
});

test('a key has so much money a day; then it is out of quota until the next', async () => {
  const service = await serve({ daily_cost_usd: 1 });
  service.pool.answer = of(...answer(0.4));
  for (let times = 0; times < 3; times += 1) assert.equal((await ask(service)).status, 200);
  const refused = await ask(service);
  assert.equal(refused.status, 429);
  assertRetryAfter(refused, 86_400);
  const error = await errorOf(refused);
  assert.deepEqual([error.type, error.code], ['insufficient_quota', 'insufficient_quota']);
  assert.match(error.message, /daily cost ceiling of key 'alice' is reached: Limit \$1\..*\(UTC\)/);
  assert.ok(Math.abs((await figures(service)).daily_cost_usd.used - 1.2) < 1e-9);
  assert.equal((await ask(service, 'bob')).status, 200);
});

const SERVICE_WIDE: [setting: string, value: string, type: string, allowed: number][] = [
  ['LIMITS__REQUESTS_PER_MINUTE', '2', 'requests', 2],
  ['LIMITS__TOKENS_PER_MINUTE', '27', 'tokens', 2],
  ['LIMITS__DAILY_COST_USD', '0.5', 'insufficient_quota', 2],
];
for (const [setting, value, type, allowed] of SERVICE_WIDE) {
  test(`${setting} is a ceiling for all keys together`, async () => {
    const service = await serve({}, { [setting]: value });
    service.pool.answer = of(...answer(0.4));
    const names = ['alice', 'bob'];
    for (let times = 0; times < allowed; times += 1) assert.equal((await ask(service, names[times])).status, 200);
    for (const name of names) {
      const refused = await ask(service, name);
      assert.equal(refused.status, 429);
      assertRetryAfter(refused, 86_400);
      const error = await errorOf(refused);
      assert.equal(error.type, type);
      assert.match(error.message, /this service/);
    }
  });
}

test('LIMITS__MAX_SIMULTANEOUS is a ceiling for all keys together, and a refusal takes no place of the key', async () => {
  const service = await serve({ max_simultaneous: 1 }, { LIMITS__MAX_SIMULTANEOUS: '1' });
  service.pool.answer = concat(of(start, piece), NEVER);
  const client = new AbortController();
  const body = { model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] };
  const held = service.post(body, { signal: client.signal, headers: keyOf('bob') });
  const left = assert.rejects(held, { name: 'AbortError' });
  await waitFor('the turn', () => service.pool.running === 1);
  for (let times = 0; times < 2; times += 1) {
    assert.match((await errorOf(await ask(service))).message, /simultaneous requests for this service: Limit 1/);
  }
  client.abort();
  await left;
  await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  service.pool.answer = of(...answer());
  assert.equal((await ask(service)).status, 200);
});

test('the tighter of two limits is told', async () => {
  const service = await serve({ requests_per_minute: 10 }, { LIMITS__REQUESTS_PER_MINUTE: '5' });
  assert.deepEqual(rate(await ask(service), 'requests').slice(0, 2), ['5', '4']);
  assert.deepEqual(rate(await ask(service, 'bob'), 'requests').slice(0, 2), ['5', '3']);
});

test('what the service refuses is not taken from the key', async () => {
  const service = await serve({ requests_per_minute: 10 }, { LIMITS__REQUESTS_PER_MINUTE: '1' });
  await ask(service);
  for (let times = 0; times < 5; times += 1) assert.equal((await ask(service)).status, 429);
  assert.equal((await figures(service)).requests_per_minute.used, 1);
});

test('a service without keys is held to its own ceilings', async () => {
  const service = await TestApplication.start({ LIMITS__REQUESTS_PER_MINUTE: '1' });
  running.push(service);
  service.pool.answer = of(...answer());
  assert.deepEqual([(await ask(service)).status, (await ask(service)).status], [200, 429]);
});

test('a key uses the models that it may, by any of their names, and no others', async () => {
  const service = await serve({ models: ['claude-haiku-4-5', 'fast'] }, { MODELS__ALIASES: '{"fast":"sonnet","gpt-4o":"sonnet"}' });
  for (const model of ['sonnet', 'claude-sonnet-4-5', 'fast', 'gpt-4o', 'claude-haiku-4-5'])
    assert.equal((await ask(service, 'alice', { model })).status, 200, model);
  for (const model of ['claude-opus-4-5', 'claude-sonnet-4-5[1m]']) {
    const refused = await ask(service, 'alice', { model });
    assert.equal(refused.status, 403);
    const error = await errorOf(refused);
    assert.deepEqual([error.type, error.code, error.param], ['invalid_request_error', 'model_not_found', 'model']);
    assert.ok(error.message.includes(model));
    assert.equal((await service.get(`/v1/models/${model}`, keyOf('alice'))).status, 403);
    assert.equal((await ask(service, 'bob', { model })).status, 200);
  }
  assert.equal((await ask(service, 'alice', { model: 'gpt-9' })).status, 404);
}); // prettier-ignore

test('a key is told of the models that it may use', async () => {
  const service = await serve({ models: ['claude-haiku-4-5'] });
  const list = async (name: string): Promise<string[]> =>
    ((await (await service.get('/v1/models', keyOf(name))).json()) as { data: { id: string }[] }).data.map(
      ({ id }) => id,
    );
  assert.deepEqual(await list('alice'), []);
  assert.deepEqual(await list('bob'), ['sonnet', 'claude-sonnet-4-5']);
});

test('before the CLI has told its models, a key is not told that it may not use one that it may', async () => {
  const service = await serve({ models: ['sonnet'] });
  service.pool.catalogue = [];
  assert.equal((await ask(service, 'alice', { model: 'claude-sonnet-4-5' })).status, 503);
});

test('a key sees what it may do and has used, and nothing of others', async () => {
  const service = await serve({ models: ['sonnet'], requests_per_minute: 5, tokens_per_minute: 100, daily_cost_usd: 2, agent: true });
  service.pool.answer = of(...answer(0.25));
  await ask(service);
  assert.deepEqual(await figures(service), {
    name: 'alice',
    models: ['sonnet'],
    agent: true,
    admin: false,
    requests_per_minute: { limit: 5, used: 1 },
    tokens_per_minute: { limit: 100, used: 26 },
    max_simultaneous: null,
    daily_cost_usd: { limit: 2, used: 0.25 },
  });
  assert.deepEqual(await figures(service, 'bob'), {
    name: 'bob',
    models: 'all',
    agent: false,
    admin: false,
    requests_per_minute: { limit: null, used: 0 },
    tokens_per_minute: { limit: null, used: 0 },
    max_simultaneous: null,
    daily_cost_usd: { limit: null, used: 0 },
  });
}); // prettier-ignore

test('the figures of the whole service are shown to keys with the right admin only', async () => {
  const service = await serve({ admin: true });
  await ask(service);
  const read = async (name: string): Promise<string[]> =>
    Object.keys((await (await service.get('/stats', keyOf(name))).json()) as object);
  assert.deepEqual(await read('bob'), ['key']);
  const all = await read('alice');
  for (const part of ['since_start', 'last_5_minutes', 'pool', 'cache', 'key']) assert.ok(all.includes(part), part);
});

test('without keys they are shown on loopback, and beyond it to nobody', async () => {
  for (const [host, expected] of [['127.0.0.1', true], ['0.0.0.0', false]] as const) {
    const service = await TestApplication.start({ SERVER__HOST: host, AUTH__ALLOW_ANONYMOUS: 'true' });
    running.push(service);
    const stats = (await (await service.get('/stats')).json()) as object;
    assert.deepEqual(['since_start' in stats, 'pool' in stats, 'key' in stats], [expected, expected, true]);
  }
}); // prettier-ignore

for (const [what, settings] of [
  ['tools of the CLI', { CLAUDE__TOOLS: '["Read"]' }],
  ['MCP servers', { MCP__ENABLED: 'true', MCP__CONFIG_JSON: '{"mcpServers":{}}' }],
] as const) {
  test(`where the model has ${what}, a key needs the right agent, and its request goes no further without`, async () => {
    const service = await serve({ agent: true }, settings);
    const { code, type } = await errorOf(await ask(service, 'bob'));
    assert.deepEqual([code, type, service.pool.turns.length], ['agent_not_allowed', 'invalid_request_error', 0]);
    assert.equal((await ask(service, 'bob', { messages: 'nonsense' })).status, 403);
    const completion = { body: JSON.stringify({ model: 'sonnet', prompt: 'x' }), headers: keyOf('bob') };
    assert.equal((await call(service, '/v1/completions', completion)).status, 403);
    assert.equal((await ask(service)).status, 200);
    assert.equal((await service.get('/v1/models', keyOf('bob'))).status, 200);
  });
}

test('a key without limits is answered without their headers', async () => {
  const response = await ask(await serve({}), 'bob');
  assert.ok(![...response.headers.keys()].some((name) => name.startsWith('x-ratelimit')));
});
