// Guarantee: from the events of a turn to the bytes of its answer. A failure before the first piece is an HTTP error and
// after it an event of the stream, silence is kept alive, and a client that leaves ends its turn.
import assert from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL, TURNS } from '../support/turn-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { CliCrashedError, UpstreamError } from '../../src/claude-cli/errors.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import type { RequestFiguresSnapshot } from '../../src/stats/request-figures.ts';
import type { Stats } from '../../src/stats/stats.service.ts';

let service: TestApplication;
beforeAll(async () => {
  service = await TestApplication.start();
});
afterAll(() => service.stop());
afterEach(async () => {
  await waitFor('every turn to be over', () => service.pool.running === 0);
  service.pool.answer = NEVER;
});

const ask = (more: object = {}): object => ({
  model: 'sonnet',
  messages: [{ role: 'user', content: 'hello' }],
  ...more,
});
const start: TurnEvent = { type: 'start', model: MODEL };
const piece: TurnEvent = { type: 'text-delta', text: 'one' };
const crash = throwError(() => new CliCrashedError(null, 'SIGKILL', 'the end of stderr'));

/** The data of each event of a stream. */
const events = (raw: string): string[] =>
  raw
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length));

test('a stream is events of chunks and [DONE], to the byte', async () => {
  service.pool.answer = of(start, piece, finish());
  const response = await service.post(ask({ stream: true }));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache, no-store, no-transform');
  assert.equal(response.headers.get('x-accel-buffering'), 'no');
  const raw = await response.text();
  const id = /chatcmpl-[A-Za-z0-9]{29}/.exec(raw)?.[0];
  const created = /"created":(\d+)/.exec(raw)?.[1];
  const conversation = response.headers.get('x-conversation-id');
  const chunk = (delta: string, reason: string): string =>
    `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":"${MODEL}",` +
    `"conversation_id":"${conversation}","choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${reason}}]}\n\n`;
  assert.equal(
    raw,
    chunk('{"role":"assistant","content":"","refusal":null}', 'null') +
      chunk('{"content":"one"}', 'null') +
      chunk('{}', '"stop"') +
      'data: [DONE]\n\n',
  );
});

test('text cannot break out of its event', async () => {
  service.pool.answer = of<TurnEvent[]>(start, { type: 'text-delta', text: 'a\n\ndata: [DONE]\r\n\r\n' }, finish());
  const raw = await (await service.post(ask({ stream: true }))).text();
  assert.equal(raw.match(/\n\n/g)?.length, 4);
  assert.ok(!raw.includes('\r'));
});

test('each piece is sent as it comes', async () => {
  const turn = new Subject<TurnEvent>();
  service.pool.answer = turn;
  const pending = service.post(ask({ stream: true }));
  await waitFor('the turn', () => service.pool.running === 1);
  turn.next(start);
  turn.next(piece);
  const reader = (await pending).body!.pipeThrough(new TextDecoderStream()).getReader();
  let raw = '';
  while (!raw.includes('"one"')) raw += (await reader.read()).value;
  turn.next({ type: 'text-delta', text: 'two' });
  while (!raw.includes('"two"')) raw += (await reader.read()).value;
  turn.next(finish());
  turn.complete();
  for (let part = await reader.read(); !part.done; part = await reader.read()) raw += part.value;
  assert.ok(raw.endsWith('data: [DONE]\n\n'));
});

test('a whole answer is one completion, with its cost and its timing', async () => {
  service.pool.answer = of(...TURNS['text and parallel calls'].slice(0, -1), finish('tool-calls', { costUsd: 0.0123 }));
  const response = await service.post(ask());
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(response.headers.get('x-claude-code-cost-usd'), '0.012300');
  assert.match(
    response.headers.get('server-timing') ?? '',
    /^queue;dur=1\.5, lease;desc="live", first-token;dur=\S+, total;dur=\S+$/,
  );
  assertMatchesSchema('CreateChatCompletionResponse', await response.json());
});

test('a whole answer whose cost is not known says nothing of it', async () => {
  service.pool.answer = of(start, piece, finish());
  assert.equal((await service.post(ask())).headers.get('x-claude-code-cost-usd'), null);
});

test('a stream tells the timing up to the first token', async () => {
  service.pool.answer = of(start, piece, finish());
  const response = await service.post(ask({ stream: true }));
  await response.text();
  assert.match(response.headers.get('server-timing') ?? '', /^queue;dur=1\.5, lease;desc="live", first-token;dur=\S+$/);
});

for (const stream of [false, true]) {
  const form = stream ? 'streamed' : 'whole';

  test(`a failure before the first piece is an HTTP error, ${form}`, async () => {
    service.pool.answer = concat(
      of(start),
      throwError(() => new UpstreamError(429, 'slow down', 27)),
    );
    const response = await service.post(ask({ stream }));
    assert.equal(response.status, 429);
    assert.equal(response.headers.get('retry-after'), '27');
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    const body = (await response.json()) as { error: { code: string } };
    assertMatchesSchema('ErrorResponse', body);
    assert.equal(body.error.code, 'rate_limit_exceeded');
  });

  test(`a failure that nobody expected says nothing of its cause, ${form}`, async () => {
    service.pool.answer = throwError(() => new TypeError('INSIDE is not a function'));
    const response = await service.post(ask({ stream }));
    assert.equal(response.status, 500);
    const raw = await response.text();
    assert.ok(raw.includes('internal_error') && !raw.includes('INSIDE'));
  });

  test(`a client that leaves ends its turn, ${form}`, async () => {
    service.pool.answer = concat(of(start, piece), NEVER);
    const client = new AbortController();
    const request = service.post(ask({ stream }), { signal: client.signal }).then((response) => response.text());
    await waitFor('the turn', () => service.pool.running === 1);
    client.abort();
    await assert.rejects(request, { name: 'AbortError' });
    await waitFor('the turn to be cancelled', () => service.pool.running === 0);
  });

  test(`what had no effect is named in a header, ${form}`, async () => {
    service.pool.answer = of(start, piece, finish());
    const response = await service.post(ask({ stream, seed: 1, 'né\nw': true }), { query: '?api-version=1' });
    await response.text();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-claude-code-ignored'), 'seed, n%C3%A9%0Aw, api-version');
  });
}

test('where fields without effect are refused, a query is too, and no model is asked', async () => {
  const strict = await TestApplication.start({ CLAUDE__STRICT_PARAMETERS: 'true' });
  const response = await strict.post(ask(), { query: '?api-version=1' });
  const { error } = (await response.json()) as { error: { param: string; code: string } };
  await strict.stop();
  assert.deepEqual([response.status, error.param, error.code], [400, 'api-version', 'unsupported_parameter']);
});

test('a failure in mid-answer is no part of a whole answer, but an HTTP error', async () => {
  service.pool.answer = concat(of(start, piece), crash);
  const response = await service.post(ask());
  assert.equal(response.status, 502);
  assert.ok(!(await response.text()).includes('one'));
});

test('a failure in mid-stream is the last event, without [DONE]', async () => {
  service.pool.answer = concat(of(start, piece), crash);
  const response = await service.post(ask({ stream: true }));
  assert.equal(response.status, 200);
  const raw = await response.text();
  const last = JSON.parse(events(raw).at(-1) ?? '') as { error: { code: string } };
  assertMatchesSchema('ErrorResponse', last);
  assert.equal(last.error.code, 'cli_failed');
  assert.ok(!raw.includes('[DONE]') && !raw.includes('stderr'));
});

/** Events that no turn gives: what reads them throws, at the point where it reads them. */
const broken = (event: object): TurnEvent => event as TurnEvent;
for (const [what, turn] of [
  ['at its first piece', [start, broken({ type: 'text-delta', text: 5n })]],
  ['at a call', [start, broken({ type: 'tool-call-start', index: 0, id: 5n, name: 'f' })]],
  ['at its end', [start, broken({ type: 'finish', reason: 'stop', content: [] })]],
] as const) {
  test(`an answer that cannot be written ${what} is a 500 for its request alone`, async () => {
    const other = new Subject<TurnEvent>();
    service.pool.answer = other;
    const bystander = service.post(ask({ stream: true }));
    await waitFor('its turn', () => service.pool.running === 1);
    service.pool.answer = of(...turn, finish('tool-calls'));
    // Each fails at the place where it reads the event: the stream at once, a whole answer perhaps only at its end.
    for (const stream of [true, false]) {
      const response = await service.post(ask({ stream }));
      const isFine = !stream && what === 'at its first piece';
      assert.equal(response.status, isFine ? 200 : 500, await response.clone().text());
      if (!isFine) assert.match(await response.text(), /"code":"internal_error"/);
    }
    for (const event of [start, piece, finish()]) other.next(event);
    other.complete();
    assert.match(await (await bystander).text(), /"one"[^]*\[DONE\]/);
  });
}

test('an answer that cannot be written in mid-stream ends with an error event, and its turn is cancelled', async () => {
  service.pool.answer = concat(of(start, piece, broken({ type: 'text-delta', text: 5n })), NEVER);
  const raw = await (await service.post(ask({ stream: true }))).text();
  assert.match(raw, /"one"[^]*"code":"internal_error"[^]*\n\n$/);
  assert.ok(!raw.includes('[DONE]'));
});

test('a silent stream is begun after a while and kept alive by comments; a failure then is an event', async () => {
  const impatient = await TestApplication.start({ SERVER__KEEP_ALIVE_SECONDS: '0.02' });
  const turn = new Subject<TurnEvent>();
  impatient.pool.answer = turn;
  const response = await impatient.post(ask({ stream: true }));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('server-timing'), 'queue;dur=1.5, lease;desc="live"');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let raw = '';
  while (!raw.includes(': keep-alive\n\n: keep-alive\n\n')) raw += (await reader.read()).value;
  turn.next(start);
  turn.next(piece);
  while (!/"one"[^]*: keep-alive\n\n/.test(raw)) raw += (await reader.read()).value;
  turn.error(new UpstreamError(529, 'overloaded'));
  for (let part = await reader.read(); !part.done; part = await reader.read()) raw += part.value;
  assert.match(raw, /data: \{"error":\{[^\n]*"code":"upstream_overloaded"\}\}\n\n$/);
  await impatient.stop();
});

test('a request that cannot be served asks nothing of the pool', async () => {
  const before = service.pool.turns.length;
  for (const body of [{}, ask({ n: 2.5 }), ask({ model: 'gpt-4o' })]) {
    const response = await service.post(body);
    assert.ok(response.status === 400 || response.status === 404);
    assertMatchesSchema('ErrorResponse', await response.json());
  }
  assert.equal(service.pool.turns.length, before);
});

test('while the models are not known, their names are not refused but said to be not known yet', async () => {
  const starting = await TestApplication.start();
  starting.pool.catalogue = [];
  const early = await starting.post(ask());
  assert.deepEqual([early.status, early.headers.get('retry-after')], [503, '1']);
  assert.match(await early.text(), /"code":"starting"/);

  starting.pool.problem = { code: 'credentials_missing', message: 'Set ANTHROPIC_API_KEY.' };
  const without = await starting.post(ask());
  assert.equal(without.status, 503);
  assert.match(await without.text(), /Set ANTHROPIC_API_KEY\..*"code":"credentials_missing"/);
  assert.equal((await starting.get('/v1/models')).status, 503);
  await starting.stop();
});

test('the figures count each answer, its tokens and its outcome', async () => {
  const counted = await TestApplication.start();
  counted.pool.answer = of(start, piece, finish('length'));
  await (await counted.post(ask())).text();
  counted.pool.answer = concat(of(start, piece), crash);
  await (await counted.post(ask({ stream: true }))).text();
  const route = 'POST /v1/chat/completions';
  const figures = async (): Promise<RequestFiguresSnapshot> =>
    ((await (await counted.get('/stats')).json()) as Stats).since_start;
  await waitFor('both to be counted', async () => (await figures()).by_route[route]?.['cli_failed'] === 1);
  const { by_route: byRoute, by_model: byModel, tokens } = await figures();
  assert.deepEqual(byRoute[route], { ok: 1, cli_failed: 1 });
  assert.deepEqual(byModel, { [MODEL]: { length: 1 } });
  assert.deepEqual(tokens, { prompt: 19, cached: 5, completion: 7, reasoning: 2 });
  await counted.stop();
});
