// Guarantee: what clients and operators confide to the service is found in no log line, no error, no figure, no command
// line and no environment of another process, however a request ends.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, test } from '@jest/globals';
import { ask, Gateway } from '../support/gateway.ts';
import { failure, text, type ScriptedReply } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

const planted = (what: string): string => `planted-${what}-${randomUUID()}`;
const gatewayKey = planted('gateway-key');
const wrongKey = planted('wrong-key');
const apiKey = planted('api-key');
const unrelated = planted('variable');
const words = {
  prompt: planted('prompt'),
  system: planted('system'),
  earlier: planted('earlier'),
  answer: planted('answer'),
  argument: planted('argument'),
  description: planted('description'),
  metadata: planted('metadata'),
  user: planted('user'),
  path: `/${planted('path')}`,
};
const SECRETS = { gatewayKey, wrongKey, apiKey, unrelated, ...words };

const request = (more: object = {}): object =>
  ask('', {
    messages: [
      { role: 'system', content: words.system },
      { role: 'user', content: words.earlier },
      { role: 'assistant', content: 'noted' },
      { role: 'user', content: `${words.prompt} @${words.path}` },
    ],
    tools: [{ type: 'function', function: { name: 'look', description: words.description, parameters: { type: 'object' } } }], // prettier-ignore
    metadata: { note: words.metadata },
    user: words.user,
    ...more,
  });

let gateway: Gateway;
/** Bodies of answers that are errors, and whatever else anybody can look at. */
const seen: string[] = [];
const headers = { authorization: `Bearer ${gatewayKey}` };

beforeAll(async () => {
  const sha256 = createHash('sha256').update(gatewayKey).digest('hex');
  gateway = await Gateway.start({
    settings: {
      AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256 }]),
      LOGGING__LEVEL: 'trace',
      CLAUDE__TIMEOUT_SECONDS: '2',
      CLAUDE__MAX_RETRIES: '1',
      CLAUDE__MAX_CONCURRENT_SESSIONS: '2',
      PROCESS_POOL__SIZE: '2',
      PROCESS_POOL__MAX_IDLE: '2',
      SERVER__MAX_BODY_MEGABYTES: '0.1',
    },
    environment: { ANTHROPIC_API_KEY: apiKey, DATABASE_URL: unrelated },
  });
});
afterAll(() => gateway.stop());

function assertNothingIn(where: string, content: string, except: readonly string[] = []): void {
  for (const [name, secret] of Object.entries(SECRETS)) {
    if (except.includes(name)) continue;
    assert.ok(!content.includes(secret), `${name} stands in ${where}`);
  }
}

/** What every user of the machine, or root, can read of the CLI processes. */
function lookAtProcesses(): void {
  for (const pid of gateway.cliPids) {
    assertNothingIn('a command line', readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    assertNothingIn('an environment', readFileSync(`/proc/${pid}/environ`, 'latin1'), ['apiKey']);
  }
}

async function send(body: object, more: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await gateway.post(body, { headers, ...more });
  return { status: response.status, text: await response.text() };
}

test('answers carry what was asked for, so that the markers are known to travel', async () => {
  gateway.api.respond(text(words.answer));
  for (const stream of [false, true]) {
    const { status, text: body } = await send(request({ stream }));
    assert.equal(status, 200);
    const content = [...body.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
    assert.ok(content.includes(words.answer));
  }
  for (const name of ['prompt', 'system', 'earlier', 'description', 'path'] as const)
    assert.ok(gateway.api.last.raw.includes(words[name]), name);
  const input = { note: words.argument };
  const { name } = gateway.api.last.body.tools?.[0] ?? { name: '' };
  gateway.api.respond({ kind: 'message', content: [{ type: 'tool_use', name, input }] });
  assert.ok((await send(request())).text.includes(words.argument));
  lookAtProcesses();
});

const FAULTS: [string, ScriptedReply, number][] = [
  ['400', failure(400), 400],
  ['500', failure(500), 502],
  ['a cut', text(words.answer, { fault: { afterDeltas: 0, kind: 'cut' } }), 502],
  ['garbage', { kind: 'raw', body: `data: ${words.answer}\n\n` }, 502],
  ['a hang', { kind: 'hang' }, 504],
  // Last: the limit is remembered for a while.
  ['429', failure(429, { headers: { 'retry-after': '1' } }), 429],
];

test('refused requests tell nothing', async () => {
  const body = JSON.stringify(request());
  const attempts: [number, string, Record<string, string>][] = [
    [401, body, { authorization: `Bearer ${wrongKey}` }],
    [401, body, { 'x-api-key': wrongKey }],
    [401, body, {}],
    [400, body.slice(0, -10), headers],
    [400, words.prompt, headers],
    [400, `"${words.prompt}"`, headers],
    [400, JSON.stringify(request({ temperature: 9 })), headers],
    [400, JSON.stringify(request({ tools: [{ type: 'function', function: { name: 'no good name' } }] })), headers],
    [404, JSON.stringify(request({ model: 'nothing' })), headers],
    [413, JSON.stringify(request({ padding: 'x'.repeat(200_000) })), headers],
    [415, body, { ...headers, 'content-type': 'text/plain' }],
  ];
  for (const [status, raw, more] of attempts) {
    const response = await fetch(`${gateway.url}/v1/chat/completions?key=${gatewayKey}`, {
      method: 'POST',
      body: raw,
      headers: { 'content-type': 'application/json', ...more },
    });
    const answer = await response.text();
    assert.equal(response.status, status, answer);
    seen.push(answer, JSON.stringify([...response.headers]));
  }
});

test('a process that dies, a client that leaves, and a stream that breaks off tell nothing', async () => {
  gateway.api.respond(text('some words of an answer '.repeat(20), { deltaLength: 5, deltaDelayMs: 50 }));
  const killed = await gateway.post(request({ stream: true }), { headers });
  lookAtProcesses();
  for (const pid of gateway.cliPids) process.kill(pid, 'SIGKILL');
  const body = await killed.text();
  assert.match(body, /cli_failed/);
  seen.push(body);

  gateway.api.respond({ kind: 'hang' });
  gateway.api.reset();
  const leaving = new AbortController();
  const left = send(request(), { signal: leaving.signal });
  await gateway.api.until(({ requests }) => requests.length === 1);
  leaving.abort();
  await assert.rejects(left, { name: 'AbortError' });

  gateway.api.respondOnce(
    text('some words of an answer', {
      deltaLength: 5,
      deltaDelayMs: 5,
      fault: { afterDeltas: 2, kind: 'error-event' },
    }),
    text(words.answer),
  );
  const broken = await send(request({ stream: true }));
  assert.match(broken.text, /stream_interrupted/);
  seen.push(broken.text);
});

for (const [what, reply, status] of FAULTS) {
  test(`${what} upstream tells nothing`, async () => {
    gateway.api.respond(reply);
    for (const stream of [false, true]) {
      const answer = await send(request({ stream }));
      assert.equal(answer.status, status, answer.text);
      seen.push(answer.text);
    }
    lookAtProcesses();
  });
}

test('what the API says of a request reaches its client and not the log', async () => {
  for (const message of [
    `messages.0: "${words.prompt}" is not allowed`,
    `tools.0.custom.input_schema.properties.${words.prompt}: JSON schema is invalid`,
    `${words.prompt}: Field required, like ${words.system}`,
  ]) {
    gateway.api.respond(failure(400, { message }));
    await waitFor('the end of the rate limit', async () => {
      const { status, text: body } = await send(request());
      if (status === 400) assert.ok(body.includes(words.prompt));
      return status === 400;
    });
  }
  gateway.api.respond(failure(500, { type: words.prompt, message: `${words.prompt} (Overloaded)` }));
  seen.push((await send(request())).text);
});

test('refused credentials tell nothing', async () => {
  gateway.api.respond(failure(401));
  for (const stream of [false, true]) {
    const answer = await send(request({ stream }));
    assert.equal(answer.status, 502, answer.text);
    seen.push(answer.text);
  }
});

test('nothing that was planted stands anywhere', async () => {
  for (const path of ['/stats', '/health', '/health/ready', '/v1/models'])
    seen.push(await (await fetch(`${gateway.url}${path}`, { headers })).text());
  lookAtProcesses();
  for (const body of seen) assertNothingIn('an answer', body);
  await gateway.stop();
  const lines = gateway.output.trim().split('\n');
  assert.match(gateway.output, /"upstreamFailure":\{"status":400,"errorType":"invalid_request_error"/);
  for (const line of lines) {
    assertNothingIn('the log', line);
    assert.doesNotThrow(() => JSON.parse(line), line);
  }
  for (const outcome of [
    'ok',
    'invalid_api_key',
    'invalid_json',
    'timeout',
    'cli_failed',
    'cancelled',
    'upstream_error',
  ])
    assert.ok(
      lines.some((line) => line.includes(`"outcome":"${outcome}"`)),
      `${outcome} is not in the log`,
    );
});
