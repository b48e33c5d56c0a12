// Guarantee: plain chat leaves nothing in the home directory and the temporary directory, whatever the end of the service;
// what a sudden death leaves is below storage.path and gone with the next start, and one service uses that path at a time.
import assert from 'node:assert/strict';
import {
  type Dirent,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from '@jest/globals';
import { ask, Gateway, type GatewayOptions } from '../support/gateway.ts';
import { isRunning } from '../support/processes.ts';
import { text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';
import { weatherTool } from '../support/weather-tool.ts';

const SECRET = 'planted-token-of-a-server';
const mcp = {
  MCP__ENABLED: 'true',
  MCP__CONFIG_JSON: JSON.stringify({ mcpServers: { x: { type: 'http', url: 'http://127.0.0.1:9/', headers: { a: SECRET } } } }), // prettier-ignore
};

let directory: string;
let gateway: Gateway;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leftovers-'));
  for (const name of ['home', 'tmp']) mkdirSync(join(directory, name));
});
afterEach(async () => {
  await gateway.stop({ keepsDirectory: true });
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: GatewayOptions = {}): Promise<Gateway> {
  const environment = { TMPDIR: join(directory, 'tmp'), ...options.environment };
  gateway = await Gateway.start({ ...options, directory, environment });
  return gateway;
}

/** Every file and directory below, by its path. What comes and goes meanwhile may be among them or not. */
function below(name: string): string[] {
  return entriesOf(name).flatMap((entry) => {
    const path = join(name, entry.name);
    return entry.isDirectory() ? [path, ...below(path)] : [path];
  });
}

function entriesOf(name: string): Dirent[] {
  try {
    return [...readdirSync(join(directory, name), { withFileTypes: true })];
  } catch {
    return [];
  }
}

function assertNothingOutside(when: string): void {
  for (const name of ['home', 'tmp']) assert.deepEqual(below(name), [], `${name} ${when}`);
}

/** The files anywhere in the test's directory that have a text in them. */
function filesWith(words: string): string[] {
  return below('').filter((path) => contentOf(join(directory, path))?.includes(words));
}

/** Undefined for what is no file, or none any more: what was left running still works there. */
function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

async function kill(service: Gateway): Promise<void> {
  service.signal('SIGKILL');
  await service.exited();
  await service.stop({ keepsDirectory: true });
}

const CREDENTIALS: [kind: string, environment: Record<string, string | undefined>][] = [
  ['an API key', {}],
  ['an auth token', { ANTHROPIC_API_KEY: undefined, ANTHROPIC_AUTH_TOKEN: 'sk-token' }],
  ['an OAuth token', { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-x' }],
];
for (const [kind, environment] of CREDENTIALS) {
  test(`with ${kind} nothing is left outside of storage.path, while it runs and when it has ended`, async () => {
    const service = await start({ environment });
    const picture = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='; // prettier-ignore
    for (const more of [
      {},
      { stream: true, tools: [weatherTool] },
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: picture } }] }] },
      { messages: [{ role: 'user', content: 'x'.repeat(300_000) }] },
    ]) {
      const response = await service.post(ask('hello', more));
      assert.equal(response.status, 200, await response.text());
    }
    assertNothingOutside('while it runs');
    assert.equal(await service.stop({ keepsDirectory: true }), 0);
    assertNothingOutside('after the end');
    assert.deepEqual(
      below('data').filter((path) => /^data\/(run|claude\/)/.test(path)),
      ['data/claude/.claude.json'],
    );
  });
}

for (const [what, settings] of [
  ['plain chat', {}],
  ['MCP servers', mcp],
] as const) {
  test(`what a SIGKILL in the middle of a turn leaves with ${what} is below storage.path, and gone with the next start`, async () => {
    const service = await start({ settings });
    service.api.respond({ kind: 'hang' });
    service.post(ask('x')).catch(() => undefined);
    await service.api.until(({ requests }) => requests.length === 1);
    const orphans = service.cliPids;
    await kill(service);
    assert.deepEqual(filesWith(SECRET), what === 'plain chat' ? [] : ['data/run/mcp.json']);
    writeFileSync(join(directory, 'data/run/left'), 'left');
    const next = await start();
    await waitFor('the end of what was left running', () => !orphans.some(isRunning));
    for (const path of below('data/run')) assert.ok(!/mcp\.json|left$/.test(path), path);
    assert.equal((await next.post(ask('x'))).status, 200);
    assert.equal(await next.stop({ keepsDirectory: true }), 0);
    // The CLI logs how it got on with MCP servers, without their credentials.
    if (what === 'plain chat') assertNothingOutside('after the next run');
    assert.deepEqual(filesWith(SECRET), []);
  });
}

test('a SIGKILL while the CLI is checked leaves nothing outside either', async () => {
  const service = await start({ isReadyAwaited: false });
  await waitFor('the checks', () => below('data').some((path) => path.includes('canary')));
  const orphans = service.cliPids;
  await kill(service);
  assertNothingOutside('after SIGKILL');
  for (const pid of orphans.filter(isRunning)) process.kill(-pid, 'SIGKILL');
  const next = await start();
  assert.ok(!below('data').some((path) => path.includes('canary')));
  assert.equal((await next.post(ask('x'))).status, 200);
});

test('a configuration of the CLI that was cut off by a sudden death is made anew', async () => {
  mkdirSync(join(directory, 'data/claude'), { recursive: true });
  writeFileSync(join(directory, 'data/claude/.claude.json'), '{"userID": "cut o');
  const service = await start();
  assert.equal((await service.post(ask('x'))).status, 200);
});

test('the API sees the same device over restarts', async () => {
  const device = (): string => /device_id\\*":\\*"(\w+)/.exec(gateway.api.last.raw)?.[1] ?? '';
  const service = await start();
  await service.post(ask('x'));
  // The id is written shortly after the first start; processes that have begun before have another one.
  await waitFor('the device', () =>
    readFileSync(join(directory, 'data/claude/.claude.json'), 'utf8').includes('userID'),
  );
  await service.stop({ keepsDirectory: true });
  const seen: string[] = [];
  for (const _round of [1, 2]) {
    const next = await start();
    await next.post(ask('x'));
    seen.push(device());
    await next.stop({ keepsDirectory: true });
  }
  assert.match(seen[0] ?? '', /^\w{32,}$/);
  assert.equal(seen[0], seen[1]);
});

test('a login is looked for where the CLI has stored it', async () => {
  const login = { accessToken: 'sk-ant-oat01-stored', refreshToken: 'x', expiresAt: 4e12, scopes: ['user:inference'] };
  mkdirSync(join(directory, 'home/.claude'));
  writeFileSync(join(directory, 'home/.claude/.credentials.json'), JSON.stringify({ claudeAiOauth: login }));
  const service = await start({ environment: { ANTHROPIC_API_KEY: undefined } });
  assert.equal((await service.post(ask('x'))).status, 200);
  assert.equal(service.api.last.headers.authorization, 'Bearer sk-ant-oat01-stored');
  assert.deepEqual(below('tmp'), []);
});

test('a second service on the same storage.path is refused, by whatever name, until the first has gone, however it went', async () => {
  const first = await start();
  symlinkSync(join(directory, 'data'), join(directory, 'other-name'));
  for (const path of ['data', 'other-name']) {
    const second = await Gateway.start({ directory, settings: { STORAGE__PATH: path }, isReadyAwaited: false });
    assert.equal(await second.exited(), 1);
    assert.match(second.output, new RegExp(`storage\\.path: .* is used by another service \\(process ${first.pid}\\)`));
    await second.stop({ keepsDirectory: true });
  }
  first.api.respond(text('still here'));
  assert.match(await (await first.post(ask('x'))).text(), /still here/);
  first.signal('SIGSTOP');
  const third = await Gateway.start({ directory, isReadyAwaited: false });
  assert.equal(await third.exited(), 1);
  await third.stop({ keepsDirectory: true });
  await kill(first);
  const next = await start();
  assert.equal((await next.post(ask('x'))).status, 200);
});
