// Guarantee: the service starts only with settings it can keep, and says what is missing where it cannot serve.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { defaultSettings } from '../../src/config/load-settings.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

test('all problems of the settings are reported together, with exit code 78', async () => {
  const gateway = await Gateway.start({
    isReadyAwaited: false,
    settings: {
      CLAUDE__TIMEOUT_SECOND: '3',
      SERVER__DRAIN_SECONDS: 'soon',
      PROCESS_POOL__SIZE: '0',
      SERVER__HOST: '0.0.0.0',
    },
  });
  assert.equal(await gateway.exited(), 78);
  for (const part of [
    'claude.timeout_second',
    'did you mean claude.timeout_seconds',
    'server.drain_seconds',
    'process_pool.size',
  ]) {
    assert.ok(gateway.output.includes(part), `${part} in ${gateway.output}`);
  }
  await gateway.stop();
});

test('without keys it refuses to be reachable by others, unless that is wanted', async () => {
  const gateway = await Gateway.start({ isReadyAwaited: false, settings: { SERVER__HOST: '0.0.0.0' } });
  assert.equal(await gateway.exited(), 78);
  assert.match(gateway.output, /auth\.keys.*auth\.allow_anonymous/s);
  await gateway.stop();
  const open = await Gateway.start({ settings: { SERVER__HOST: '0.0.0.0', AUTH__ALLOW_ANONYMOUS: 'true' } });
  assert.equal((await open.post(ask('x'))).status, 200);
  await open.stop();
});

test('with keys only their holders get in, as bearer or x-api-key; health checks stay open', async () => {
  const sha256 = createHash('sha256').update('right-key').digest('hex');
  const gateway = await Gateway.start({ settings: { AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256 }]) } });
  assert.equal((await fetch(`${gateway.url}/health/live`)).status, 200);
  for (const headers of [{}, { authorization: 'Bearer wrong-key' }, { 'x-api-key': sha256 }] as Record<
    string,
    string
  >[]) {
    const response = await gateway.post(ask('x'), { headers });
    assert.equal(response.status, 401);
    assert.equal(((await response.json()) as { error: { type: string } }).error.type, 'invalid_request_error');
    assert.equal((await fetch(`${gateway.url}/v1/models`, { headers })).status, 401);
  }
  for (const headers of [{ authorization: 'Bearer right-key' }, { 'x-api-key': 'right-key' }] as Record<
    string,
    string
  >[]) {
    assert.equal((await gateway.post(ask('x'), { headers })).status, 200);
  }
  assert.ok(!gateway.output.includes('right-key'));
  await gateway.stop();
});

test('without credentials it starts, and readiness and chat say what is missing and how to provide it', async () => {
  const gateway = await Gateway.start({ isReadyAwaited: false, environment: { ANTHROPIC_API_KEY: undefined } });
  await waitFor('the checks', async () => {
    const health = await fetch(`${gateway.url}/health/ready`).catch(() => undefined);
    return health !== undefined && (await health.text()).includes('credentials_missing');
  });
  assert.equal((await fetch(`${gateway.url}/health/live`)).status, 200);
  const response = await gateway.post(ask('x'));
  assert.equal(response.status, 503);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  assert.equal(error.code, 'credentials_missing');
  assert.match(error.message, /ANTHROPIC_API_KEY/);
  await gateway.stop();
});

test('a tool that nobody knows stops the start, or is told by readiness where every tool is allowed', async () => {
  const mistyped = { CLAUDE__TOOLS: '["Read", "Raed"]' };
  const stopped = await Gateway.start({ isReadyAwaited: false, settings: mistyped });
  assert.equal(await stopped.exited(), 78);
  assert.match(stopped.output, /claude\.tools: Raed .*did you mean Read\?/);
  await stopped.stop();
  const gateway = await Gateway.start({
    isReadyAwaited: false,
    settings: {
      ...mistyped,
      FILE_ACCESS__SKIP_PERMISSIONS: 'true',
      AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256: 'f'.repeat(64) }]),
    },
  });
  await waitFor('the problem', async () => {
    const health = await fetch(`${gateway.url}/health/ready`).catch(() => undefined);
    return health !== undefined && (await health.text()).includes('no tool named Raed');
  });
  await gateway.stop();
});

test('a CLI that is missing or too old is told by readiness and answered with an error', async () => {
  const gateway = await Gateway.start({ isReadyAwaited: false, settings: { CLAUDE__COMMAND: '/nonexistent/claude' } });
  await waitFor('the problem', async () => {
    const health = await fetch(`${gateway.url}/health/ready`).catch(() => undefined);
    return health !== undefined && (await health.text()).includes('cli-not-found');
  });
  const response = await gateway.post(ask('x', { model: 'claude-haiku-4-5' }));
  assert.equal(response.status, 500);
  await gateway.stop();
});

test('foreign names of models are mapped by models.aliases', async () => {
  const gateway = await Gateway.start({ settings: { MODELS__ALIASES: '{"gpt-4o":"sonnet"}' } });
  const answer = await gateway.client().chat.completions.create({ ...ask('x'), model: 'gpt-4o' });
  assert.match(answer.model, /^claude-sonnet/);
  const models = await gateway.client().models.list();
  assert.ok(models.data.some(({ id }) => id === 'gpt-4o'));
  await gateway.stop();
});

test('names of models with a provider in front, in upper case or with a dot reach the model as their plain id', async () => {
  const gateway = await Gateway.start();
  for (const model of ['anthropic/claude-haiku-4.5', 'openai/claude-haiku-4-5', 'Claude-Haiku-4-5'])
    assert.equal((await gateway.post(ask('x', { model }))).status, 200, model);
  assert.deepEqual(
    gateway.api.requests.map(({ body }) => body.model),
    ['claude-haiku-4-5', 'claude-haiku-4-5', 'claude-haiku-4-5'],
  );
  await gateway.stop();
});

test('the models can be asked for as soon as it listens, as an answer can', async () => {
  const gateway = await Gateway.start({ isReadyAwaited: false });
  await waitFor('the port', () => fetch(`${gateway.url}/health/live`).then(({ ok }) => ok, () => false)); // prettier-ignore
  const [models, answer] = await Promise.all([
    fetch(`${gateway.url}/v1/models`),
    gateway.post(ask('x', { model: 'sonnet' })),
  ]);
  assert.deepEqual([models.status, answer.status], [200, 200]);
  assert.match(await models.text(), /"id":"sonnet"/);
  await gateway.stop();
});

const LONGEST = Object.entries(defaultSettings()).flatMap(([section, keys]) =>
  Object.keys(keys)
    .filter((key) => /_(seconds|minutes)$/.test(key) && section !== 'cors')
    .map((key) => [`${section}__${key}`.toUpperCase(), key.endsWith('_seconds') ? '2073600' : '5270400']),
);
const FRACTIONS = {
  SERVER__REQUEST_TIMEOUT_SECONDS: '2.00041',
  SERVER__IDLE_CONNECTION_SECONDS: '1.00033',
  SERVER__SLOW_READER_SECONDS: '1.00077',
  SERVER__MAX_BODY_MEGABYTES: '0.1003',
  CLAUDE__TIMEOUT_SECONDS: '60.00013',
  MEDIA__URL_TIMEOUT_SECONDS: '1.001',
  MEDIA__CACHE_MINUTES: '0.07',
  MEDIA__CACHE_MEGABYTES: '0.1003',
  CACHE__ENABLED: 'true',
  CACHE__TTL_SECONDS: '1.00011',
  CACHE__MAX_MEGABYTES: '0.1003',
};
for (const [what, settings] of [
  ['every duration at its longest', Object.fromEntries(LONGEST) as Record<string, string>],
  ['fractions of milliseconds and bytes', FRACTIONS],
] as const) {
  test(`with ${what} it serves, and no timer fires at once`, async () => {
    assert.ok(Object.keys(settings).length > 10);
    const gateway = await Gateway.start({ settings });
    gateway.api.respond(text('word by word', { deltaLength: 4, deltaDelayMs: 30 }));
    const stream = await (await gateway.post(ask('x', { stream: true }))).text();
    assert.ok(stream.endsWith('data: [DONE]\n\n') && stream.split('keep-alive').length <= 2, stream);
    assert.equal((await gateway.post(ask('y'))).status, 200);
    assert.equal(await gateway.stop(), 0);
    assert.ok(!gateway.output.includes('TimeoutOverflowWarning'), gateway.output);
  });
}

test('the log names the files that settings were read from, and variables that are none, without their values', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'start-test-'));
  mkdirSync(join(directory, 'config'));
  writeFileSync(join(directory, 'config/default.toml'), 'this is no TOML');
  writeFileSync(join(directory, 'config/local.toml'), '[claude]\nmax_retries = 1\n');
  const environment = { CLAUDE_CODE_SERVER__HOST: 'planted-host' };
  const gateway = await Gateway.start({ directory, environment });
  const lines = gateway.output.split('\n');
  const read = lines.find((line) => line.includes('"msg":"settings read"')) ?? '';
  assert.ok(
    read.includes(join(directory, 'config/local.toml')) && !read.includes(join(directory, 'config/default.toml')),
  );
  const warnings = lines.filter((line) => line.startsWith('{"level":40')).join('\n');
  assert.match(
    warnings,
    /CLAUDE_CODE_SERVER__HOST is no setting and has no effect; did you mean CLAUDE_CODE__SERVER__HOST\?/,
  );
  assert.match(warnings, /config\/default\.toml is not read/);
  assert.ok(!gateway.output.includes('planted-host'));
  await gateway.stop();
});
