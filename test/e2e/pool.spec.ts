// Guarantee: processes are reused to the last byte, shared fairly, refused in time, and never left behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from '@jest/globals';
import { ask, Gateway } from '../support/gateway.ts';
import { isRunning } from '../support/processes.ts';
import { lastText, spokenMessages, text } from '../support/scripted-messages-api.ts';
import { authKeys, keyOf } from '../support/tenants.ts';
import { waitFor } from '../support/wait-for.ts';

const SMALL = { CLAUDE__MAX_CONCURRENT_SESSIONS: '4', PROCESS_POOL__SIZE: '4', PROCESS_POOL__MAX_IDLE: '4' };

interface Stats {
  requests_in_flight: number;
  since_start: {
    by_route: Record<string, Record<string, number>>;
    by_model: Record<string, Record<string, number>>;
    tokens: Record<string, number>;
    cost_usd: number;
    latency_ms: Record<string, { count: number; p50: number | null }>;
  };
  last_5_minutes: { total: number };
  pool: {
    leases: Record<string, number>;
    starts: number;
    crashes: number;
    processes: Record<string, number>;
    reused_messages: number;
  };
}

async function statsOf(gateway: Gateway): Promise<Stats> {
  return (await (await fetch(`${gateway.url}/stats`)).json()) as Stats;
}

/** The request without the mark that moves to the newest message, and without the ids of the process. */
function comparable(raw: string): string {
  const body = JSON.parse(raw) as { messages: { content: unknown }[]; metadata?: unknown };
  delete body.metadata;
  for (const message of body.messages) {
    if (Array.isArray(message.content))
      for (const block of message.content) delete (block as { cache_control?: unknown }).cache_control;
    const only =
      Array.isArray(message.content) && message.content.length === 1
        ? (message.content[0] as { type: string; text: string })
        : undefined;
    if (only?.type === 'text') message.content = only.text;
  }
  return JSON.stringify(body);
}

test('a follow-up behind 40 messages repeats the request before and adds to it, live or replayed', async () => {
  const gateway = await Gateway.start({ settings: SMALL });
  const history = Array.from({ length: 40 }, (_value, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `message ${index}`,
  }));
  const first = [...history, { role: 'user', content: 'and then?' }];
  await (await gateway.post({ model: 'claude-haiku-4-5', messages: first })).text();
  const before = gateway.api.last.raw;
  const followUp = [
    ...first,
    { role: 'assistant', content: 'You said: and then?' },
    { role: 'user', content: 'and now?' },
  ];
  await (await gateway.post({ model: 'claude-haiku-4-5', messages: followUp })).text();
  const live = gateway.api.last.raw;
  // Up to the message that was the newest, the bytes are the same; only the cache mark has moved on.
  const prefix = before.slice(0, before.indexOf('{"role":"user","content":[{"type":"text","text":"and then?"'));
  assert.ok(prefix.length > 2000 && live.startsWith(prefix));
  assert.deepEqual(
    spokenMessages(JSON.parse(live) as never),
    followUp.map(({ role, content }) => [role, content]),
  );
  const stats = await statsOf(gateway);
  assert.equal(stats.pool.leases['live'], 1);
  assert.equal(stats.pool.reused_messages, 42);
  // The same request on a process that has to be told everything.
  for (const pid of gateway.cliPids) process.kill(pid, 'SIGKILL');
  await (await gateway.post({ model: 'claude-haiku-4-5', messages: followUp })).text();
  assert.equal(comparable(gateway.api.last.raw), comparable(live));
  await gateway.stop();
});

test('fifty system prompts cost no process start each', async () => {
  const gateway = await Gateway.start({ settings: SMALL });
  for (let index = 0; index < 50; index += 1) {
    const messages = [
      { role: 'system', content: `prompt ${index}` },
      { role: 'user', content: 'x' },
    ];
    assert.equal((await gateway.post({ model: 'claude-haiku-4-5', messages })).status, 200);
  }
  assert.ok((await statsOf(gateway)).pool.starts <= 4);
  await gateway.stop();
});

test('64 requests at once on 4 processes: all answered, none mixed up, in order within a key, no key starves', async () => {
  const gateway = await Gateway.start({ settings: { ...SMALL, AUTH__KEYS: authKeys(8) } });
  gateway.api.respond(({ body }) => text(`echo ${lastText(body)}`, { firstDelayMs: 20 }));
  const finished: string[] = [];
  await Promise.all(
    Array.from({ length: 64 }, async (_value, index) => {
      const name = `${index % 8}/${Math.floor(index / 8)}`;
      const response = await gateway.post(ask(name), { headers: { 'x-api-key': keyOf(index % 8) } });
      const body = (await response.json()) as { choices: { message: { content: string } }[] };
      assert.equal(body.choices[0]?.message.content, `echo ${name}`);
      finished.push(name);
    }),
  );
  const begun = gateway.api.requests.map(({ body }) => lastText(body));
  assert.equal(begun.length, 64);
  for (let tenant = 0; tenant < 8; tenant += 1) {
    const own = begun.filter((name) => name.startsWith(`${tenant}/`)).map((name) => Number(name.split('/')[1]));
    // Four run at once, so neighbours may overtake each other on their way upstream, but no more than that.
    own.forEach((position, index) => assert.ok(Math.abs(position - index) <= 3, `${tenant}: ${own.join(' ')}`));
    assert.ok(begun.indexOf(`${tenant}/0`) < 24, `key ${tenant} began as number ${begun.indexOf(`${tenant}/0`)}`);
  }
  assert.equal(finished.length, 64);
  assert.ok(gateway.cliPids.length <= 4);
  await gateway.stop();
});

test('beyond the waiting line a request is refused with 429 and Retry-After at once, and one that waits too long with 503', async () => {
  const gateway = await Gateway.start({
    settings: {
      CLAUDE__MAX_CONCURRENT_SESSIONS: '1',
      PROCESS_POOL__SIZE: '1',
      PROCESS_POOL__MAX_IDLE: '1',
      PROCESS_POOL__MIN_IDLE: '1',
      PROCESS_POOL__QUEUE_SIZE: '2',
      PROCESS_POOL__QUEUE_TIMEOUT_SECONDS: '0.5',
    },
  });
  gateway.api.respond(text('slow', { firstDelayMs: 1500 }));
  const running = gateway.post(ask('running'));
  await gateway.api.until((api) => api.requests.length === 1);
  const waiting = [gateway.post(ask('first')), gateway.post(ask('second'))];
  await waitFor('the waiting line', async () => {
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as { info: { cli: { queued: number } } };
    return health.info.cli.queued === 2;
  });
  const refused = await gateway.post(ask('third'));
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'queue_full');
  for (const response of await Promise.all(waiting)) {
    assert.equal(response.status, 503);
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
  }
  assert.equal((await running).status, 200);
  await gateway.stop();
});

test('what a killed service leaves behind under load, the next start ends, and nothing else', async () => {
  const gateway = await Gateway.start({ settings: SMALL });
  gateway.api.respond(text('slow '.repeat(200), { deltaDelayMs: 200 }));
  const requests = Array.from({ length: 4 }, () =>
    gateway.post(ask('x', { stream: true })).then((response) => response.text()),
  );
  for (const request of requests) request.catch(() => undefined);
  await gateway.api.until((api) => api.requests.length === 4);
  const left = gateway.cliPids;
  assert.ok(left.length >= 4);
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  gateway.signal('SIGKILL');
  await gateway.exited();
  const stillRunning = left.filter(isRunning);
  assert.ok(stillRunning.length > 0, 'a CLI in the middle of a turn outlives its parent');
  const next = await Gateway.start({ settings: SMALL, directory: gateway.directory, api: gateway.api });
  await waitFor('the end of what was left', () => !left.some(isRunning), 2000);
  assert.equal(isRunning(bystander.pid!), true);
  bystander.kill('SIGKILL');
  next.api.respond(text('fine'));
  assert.equal((await next.post(ask('y'))).status, 200);
  await next.stop({ keepsDirectory: true });
  await gateway.stop();
});

test('the figures add up with what clients and the API saw', async () => {
  const gateway = await Gateway.start({ settings: SMALL });
  let cost = 0;
  for (let index = 0; index < 7; index += 1) {
    const response = await gateway.post(ask(`x${index}`));
    cost += Number(response.headers.get('x-claude-code-cost-usd'));
    assert.match(
      response.headers.get('server-timing') ?? '',
      /^queue;dur=[\d.]+, lease;desc="\w+", first-token;dur=[\d.]+, total;dur=[\d.]+$/,
    );
    await response.text();
  }
  await (await gateway.post({ model: 'none', messages: [] })).text();
  await (await fetch(`${gateway.url}/v1/models`)).text();
  await (await fetch(`${gateway.url}/nowhere`)).text();
  const stats = await statsOf(gateway);
  assert.equal(stats.requests_in_flight, 0);
  const { by_route: routes, by_model: models, tokens, latency_ms: latency } = stats.since_start;
  assert.deepEqual(routes['POST /v1/chat/completions'], { ok: 7, empty_array: 1 });
  assert.deepEqual(routes['GET /v1/models'], { ok: 1 });
  assert.deepEqual(routes['GET unknown'], { unknown_url: 1 });
  assert.deepEqual(models, { 'claude-haiku-4-5': { stop: 7 } });
  assert.deepEqual(tokens, { prompt: 19 * 7, cached: 5 * 7, completion: 7 * 7, reasoning: 0 });
  assert.ok(Math.abs(stats.since_start.cost_usd - cost) < 1e-5 && cost > 0);
  assert.equal(latency['first_token']?.count, 7);
  assert.ok((latency['total']?.p50 ?? 0) > 0);
  assert.equal(
    Object.values(stats.pool.leases).reduce((sum, number) => sum + number),
    gateway.api.requests.length,
  );
  assert.ok(stats.last_5_minutes.total >= 10);
  assert.equal(stats.pool.crashes, 0);
  await gateway.stop();
});
