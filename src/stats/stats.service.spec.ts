// Guarantee: the figures count every request and every answer once, since the start and over the last minutes, and what the
// cache gave does not make answers look faster than they are.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { FakePool } from '../../test/support/fake-pool.ts';
import type { EndedRequest } from '../common/http/access-log.middleware.ts';
import type { AnswerRecord, RequestContext } from '../common/http/request-context.ts';
import type { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import type { ResponseCache } from '../response-cache/response-cache.ts';
import { StatsService } from './stats.service.ts';

const SECOND = 1000;
const CHAT = '/v1/chat/completions';
const cache = { snapshot: () => ({ enabled: false }) } as unknown as ResponseCache;

let now = 0;
const realNow = performance.now.bind(performance);
beforeAll(() => {
  performance.now = () => now;
});
afterAll(() => {
  performance.now = realNow;
});

let pool: FakePool;
let stats: StatsService;
beforeEach(() => {
  now = 1_000_000;
  pool = new FakePool();
  stats = new StatsService(pool as unknown as ProcessPoolService, cache);
});

const ANSWER: AnswerRecord = {
  model: 'm',
  finishReason: 'stop',
  tier: 'live',
  queueMs: 1,
  firstTokenMs: 10,
  promptTokens: 100,
  cachedTokens: 60,
  completionTokens: 20,
  reasoningTokens: 5,
  costUsd: 0.25,
};

function ended(answer?: Partial<AnswerRecord>, more: Partial<EndedRequest> = {}): EndedRequest {
  const context = (answer ? { answer: { ...ANSWER, ...answer } } : {}) as RequestContext;
  return { context, method: 'POST', route: CHAT, status: 200, outcome: 'ok', totalMs: 100, ...more };
}

/** A request from its beginning to its end. */
function serve(...request: Parameters<typeof ended>): void {
  stats.began();
  stats.ended(ended(...request));
}

test('nothing has happened at the start', () => {
  stats.began();
  const { uptime_seconds: uptime, requests_in_flight: inFlight, since_start: figures } = stats.read();
  assert.deepEqual([uptime, inFlight], [0, 0]);
  const none = { count: 0, p50: null, p95: null, p99: null };
  assert.deepEqual(figures, {
    total: 0,
    by_route: {},
    by_model: {},
    tokens: { prompt: 0, cached: 0, completion: 0, reasoning: 0 },
    cost_usd: 0,
    latency_ms: { queue: none, first_token: none, total: none },
  });
});

test('requests are counted by route and outcome, answers by model and reason, with all that they took', () => {
  serve({});
  serve({ finishReason: 'length', costUsd: undefined });
  serve({ model: 'n' }, { outcome: 'cancelled' });
  serve(undefined, { outcome: 'invalid_api_key' });
  serve(undefined, { method: 'GET', route: '/v1/models' });
  const { since_start: figures } = stats.read();
  assert.equal(figures.total, 5);
  assert.deepEqual(figures.by_route, {
    [`POST ${CHAT}`]: { ok: 2, cancelled: 1, invalid_api_key: 1 },
    'GET /v1/models': { ok: 1 },
  });
  assert.deepEqual(figures.by_model, { m: { stop: 1, length: 1 }, n: { stop: 1 } });
  assert.deepEqual(figures.tokens, { prompt: 300, cached: 180, completion: 60, reasoning: 15 });
  assert.equal(figures.cost_usd, 0.5);
});

test('times are those of answers that a model gave, not of the cache nor of refused requests', () => {
  serve({ queueMs: 2, firstTokenMs: 40 }, { totalMs: 300 });
  serve({ tier: 'cache', queueMs: 0, firstTokenMs: 0 }, { totalMs: 1 });
  serve(undefined, { totalMs: 1 });
  const { latency_ms: latency, by_model: byModel } = stats.read().since_start;
  assert.deepEqual(byModel, { m: { stop: 2 } });
  for (const [figure, expected] of [
    [latency.queue, 2],
    [latency.first_token, 40],
    [latency.total, 300],
  ] as const) {
    assert.equal(figure.count, 1);
    for (const value of [figure.p50, figure.p95, figure.p99])
      assert.ok(value !== null && Math.abs(value - expected) <= expected / 500, `${value} instead of ${expected}`);
  }
});

test('percentiles are those of all answers', () => {
  for (let index = 1; index <= 100; index += 1) serve({ firstTokenMs: index });
  const { p50, p95, p99 } = stats.read().since_start.latency_ms.first_token;
  assert.deepEqual([p50, p95, p99].map((value) => Math.round(value ?? 0)), [50, 95, 99]); // prettier-ignore
});

test('requests in flight are those that have begun and not ended, without the one that asks', () => {
  stats.began();
  stats.began();
  stats.began();
  assert.equal(stats.read().requests_in_flight, 2);
  stats.ended(ended());
  assert.equal(stats.read().requests_in_flight, 1);
});

test('the last minutes forget what the start remembers', () => {
  serve({});
  now += 299 * SECOND;
  serve({ model: 'n' });
  assert.deepEqual(stats.read().last_5_minutes.by_model, { m: { stop: 1 }, n: { stop: 1 } });
  now += 2 * SECOND;
  const { last_5_minutes: recent, since_start: all, uptime_seconds: uptime } = stats.read();
  assert.deepEqual(recent.by_model, { n: { stop: 1 } });
  assert.deepEqual([recent.tokens.prompt, recent.cost_usd, recent.latency_ms.total.count], [100, 0.25, 1]);
  assert.deepEqual([all.total, all.tokens.prompt, uptime], [2, 200, 301]);
  now += 3600 * SECOND;
  assert.deepEqual([stats.read().last_5_minutes.total, stats.read().since_start.total], [0, 2]);
});

test('at a steady rate the last minutes hold between four and a half and five minutes of it', () => {
  for (let second = 0; second < 900; second += 1) {
    serve({});
    const { total } = stats.read().last_5_minutes;
    assert.ok(total <= 301, `${total} after ${second} s`);
    if (second >= 300) assert.ok(total >= 270, `${total} after ${second} s`);
    now += SECOND;
  }
  assert.equal(stats.read().since_start.total, 900);
});

test('reading the figures changes none of them', () => {
  serve({});
  now += 10 * SECOND;
  serve({});
  const first = JSON.stringify(stats.read());
  assert.equal(JSON.stringify(stats.read()), first);
});

test('the figures of the pool have the names of the API, and what it does not know is left out', () => {
  pool.running = 2;
  const plain = stats.read();
  assert.deepEqual(plain.pool, { processes: pool.status().processes, resident_bytes: 0 });
  assert.ok(!('spending' in plain) && !('upstream' in plain));
  const upstream = { blocked: [], rate_limits: [] };
  const spending = { answered: {} };
  const status = { ...pool.status(), queued: 3, upstream };
  Object.assign(pool, { status: () => status, figures: () => ({ retriedTurns: 4, spending }) });
  const { pool: figures, requests_queued: queued, ...rest } = stats.read();
  assert.deepEqual([figures, queued], [{ processes: status.processes, resident_bytes: 0, retried_turns: 4 }, 3]);
  assert.deepEqual([rest.upstream, rest.spending], [upstream, spending]);
});
