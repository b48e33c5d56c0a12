// Guarantee: every setting is read from where it was written, and nothing that is wrong with one goes unsaid.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { parse } from 'smol-toml';
import { defaultSettings, loadSettings, SettingsError } from './load-settings.ts';
import { AuthSettings, ClaudeSettings, FileAccessSettings, sectionOf, ServerSettings } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'settings-test-'));
mkdirSync(join(directory, 'config'));
writeFileSync(join(directory, 'broken.json'), 'secret');
afterAll(() => rmSync(directory, { recursive: true }));

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadSettings({ environment, directory });
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.problems;
  }
}

test('config/default.toml names every key with its default', () => {
  const file = new URL('../../../config/default.toml', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const written = parse(text) as Record<string, Record<string, unknown>>;
  for (const [section, keys] of Object.entries(defaultSettings())) {
    for (const [key, value] of Object.entries(keys)) {
      if (section === 'auth' && key === 'keys') continue;
      assert.equal(JSON.stringify(written[section]?.[key]), JSON.stringify(value), `${section}.${key}`);
    }
  }
  const limits = ['requests_per_minute', 'tokens_per_minute', 'max_simultaneous', 'daily_cost_usd'];
  for (const optional of ['command', 'config_file', 'config_json', 'keys_file', ...limits])
    assert.ok(text.includes(`# ${optional} = `));
});

test('variables come before the file, and the file before the defaults', () => {
  writeFileSync(join(directory, 'config/local.toml'), '[server]\nport = 1111\nhost = "localhost"\n');
  const settings = loadSettings({ environment: { CLAUDE_CODE__SERVER__PORT: '2222' }, directory });
  const server = sectionOf(settings, ServerSettings);
  assert.deepEqual([server.port, server.host, server.drainSeconds], [2222, 'localhost', 25]);
  rmSync(join(directory, 'config/local.toml'));
});

test('a file that a variable names is read instead of local.toml, and must be there', () => {
  writeFileSync(join(directory, 'other.toml'), '[claude]\ntimeout_seconds = 7\n');
  const settings = loadSettings({ environment: { CLAUDE_CODE__CONFIG_FILE: 'other.toml' }, directory });
  assert.equal(sectionOf(settings, ClaudeSettings).timeoutSeconds, 7);
  assert.equal(problemsOf({ CLAUDE_CODE__CONFIG_FILE: 'missing.toml' }).length, 1);
});

test('lists and tables are JSON in variables', () => {
  const environment = {
    CLAUDE_CODE__FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify([directory]),
    CLAUDE_CODE__AUTH__KEYS: JSON.stringify([{ name: 'a', sha256: 'f'.repeat(64) }]),
  };
  const settings = loadSettings({ environment, directory });
  assert.deepEqual(sectionOf(settings, FileAccessSettings).additionalDirs, [directory]);
  assert.equal(sectionOf(settings, AuthSettings).keys[0]?.name, 'a');
  assert.ok(Object.isFrozen(sectionOf(settings, AuthSettings).keys));
});

const WRONG: [string, Record<string, string>, RegExp][] = [
  ['a mistyped key', { CLAUDE_CODE__SERVER__PROT: '1' }, /SERVER__PROT.*did you mean server\.port/],
  ['a mistyped section', { CLAUDE_CODE__SEVER__PORT: '1' }, /did you mean server/],
  ['a section named as a property of every object', { CLAUDE_CODE__CONSTRUCTOR__X: '1' }, /there is no such section/],
  ['a key named as one', { CLAUDE_CODE__SERVER__CONSTRUCTOR: '1' }, /SERVER__CONSTRUCTOR.*there is no such key/],
  [
    'a mistyped key of an entry',
    { CLAUDE_CODE__AUTH__KEYS: `[{"name":"a","sha256":"${'f'.repeat(64)}","agnet":true}]` },
    /auth\.keys .*\[0\.agnet\]: there is no such key; did you mean agent\?/,
  ],
  ['a list that is none', { CLAUDE_CODE__CLAUDE__TOOLS: 'Read' }, /claude\.tools .*must be a list/],
  ['a word that is no choice', { CLAUDE_CODE__LOGGING__LEVEL: 'loud' }, /logging\.level .*trace, debug, .* or silent/],
  ['a variable without a key', { CLAUDE_CODE__SERVER: '1' }, /CLAUDE_CODE__SERVER/],
  [
    'a text for a number',
    { CLAUDE_CODE__SERVER__PORT: 'many' },
    /server\.port .*must be a whole number from 0 to 65535/,
  ],
  [
    'ceilings that contradict each other',
    { CLAUDE_CODE__PROCESS_POOL__SIZE: '20' },
    /process_pool\.size .*claude\.max_concurrent_sessions/,
  ],
  ['MCP without a configuration', { CLAUDE_CODE__MCP__ENABLED: 'true' }, /mcp\.config_file/],
  [
    'a directory that is not there',
    { CLAUDE_CODE__FILE_ACCESS__ADDITIONAL_DIRS: '["/nonexistent"]' },
    /does not exist/,
  ],
  [
    'an origin with a path',
    { CLAUDE_CODE__MEDIA__TRUSTED_ORIGINS: '["http://a/b"]' },
    /media\.trusted_origins.*a scheme/,
  ],
  [
    'a keys file that cannot be used',
    { CLAUDE_CODE__AUTH__KEYS_FILE: join(directory, 'broken.json') },
    /auth\.keys_file.*is not JSON/,
  ],
  ['a limit of nothing', { CLAUDE_CODE__LIMITS__REQUESTS_PER_MINUTE: '0' }, /limits\.requests_per_minute/],
  ['a key that is no digest', { CLAUDE_CODE__AUTH__KEYS: '[{"name":"a","sha256":"secret"}]' }, /64 hexadecimal digits/],
];
for (const [what, environment, expected] of WRONG) {
  test(`${what} is a problem that is named`, () => {
    const problems = problemsOf(environment);
    assert.match(problems.join('\n'), expected);
    assert.ok(!problems.join('\n').includes('secret'));
  });
}

test('beyond this machine it listens only where there is a key, in the settings or in the keys file', () => {
  const sha256 = 'f'.repeat(64);
  const store = (path: string, keys: object[]): Record<string, string> => {
    mkdirSync(join(directory, path));
    writeFileSync(join(directory, path, 'keys.json'), JSON.stringify({ version: 1, keys }));
    return { CLAUDE_CODE__STORAGE__PATH: join(directory, path) };
  };
  const one = store('one', [{ name: 'alice', sha256, created_at: '2026-11-26T00:00:00.000Z', agent: false }]);
  const configured = { CLAUDE_CODE__AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256 }]) };
  const host = { CLAUDE_CODE__SERVER__HOST: '0.0.0.0' };
  for (const few of [{}, store('none', [])]) assert.match(problemsOf({ ...host, ...few }).join(), /ccapi keys add/);
  for (const enough of [one, configured, { CLAUDE_CODE__AUTH__ALLOW_ANONYMOUS: 'true' }])
    assert.deepEqual(problemsOf({ ...host, ...enough }), []);
  assert.match(problemsOf({ ...one, ...configured }).join(), /together with the keys file the name alice twice/);
});

test('problems are told together', () => {
  assert.ok(
    problemsOf({ CLAUDE_CODE__SERVER__PORT: 'x', CLAUDE_CODE__CACHE__MAX_ENTRIES: '0', CLAUDE_CODE__NO__KEY: '1' })
      .length >= 3,
  );
});

test('each wrong value of a list or a table is named by its place', () => {
  const wrong = problemsOf({
    CLAUDE_CODE__MEDIA__URL_PORTS: '[80,0,"443"]',
    CLAUDE_CODE__MODELS__ALIASES: '{"good":"sonnet","bad":1}',
    CLAUDE_CODE__AUTH__KEYS: `[{"name":"a","sha256":"${'f'.repeat(64)}","models":["sonnet","",2]},{"name":"a b"}]`,
  });
  const places = wrong.map((problem) => /^(\S+) \(\w+\) \[(.*)\]: must /.exec(problem)?.slice(1).join(' '));
  assert.deepEqual(places, [
    'models.aliases bad',
    'media.url_ports 1',
    'media.url_ports 2',
    'auth.keys 0.models.1',
    'auth.keys 0.models.2',
    'auth.keys 1.name',
    'auth.keys 1.sha256',
  ]);
});

test('text in variables stays text, whatever it looks like; nothing else is converted', () => {
  const environment = {
    CLAUDE_CODE__STORAGE__PATH: '12',
    CLAUDE_CODE__CLAUDE__COMMAND: 'true',
    CLAUDE_CODE__MCP__CONFIG_JSON: '{}',
  };
  const { storage, claude, mcp } = loadSettings({ environment, directory, isCrossChecked: false });
  assert.deepEqual([storage.path, claude.command, mcp.configJson], ['12', 'true', '{}']);
  writeFileSync(join(directory, 'other.toml'), '[server]\nport = "80"\n[storage]\npath = 12\n[cache]\nenabled = 1\n');
  const problems = problemsOf({ CLAUDE_CODE__CONFIG_FILE: 'other.toml' });
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    ['server.port', 'cache.enabled', 'storage.path'],
  );
});

test('CORS without origins, for any page without keys, and what is no origin, stop the start', () => {
  const cors = (origins: string, more: Record<string, string> = {}): readonly string[] =>
    problemsOf({ CLAUDE_CODE__CORS__ENABLED: 'true', CLAUDE_CODE__CORS__ALLOWED_ORIGINS: origins, ...more });
  const keys = { CLAUDE_CODE__AUTH__KEYS: JSON.stringify([{ name: 'a', sha256: 'f'.repeat(64) }]) };
  assert.match(cors('[]')[0] ?? '', /allowed_origins is needed/);
  assert.match(cors('["*"]')[0] ?? '', /any web page/);
  const wrong = [
    'chat.example', 'https://chat.example/', 'https://*.example', 'https://Chat.example', 'null', '',
    'app://obsidian.md/', 'app://*', 'app://', 'APP://obsidian.md', 'chrome-extension://id/page.html', 'file://localhost',
    'app://user@obsidian.md', 'app://a b', 'app:obsidian.md',
  ]; // prettier-ignore
  for (const origin of wrong) assert.match(cors(JSON.stringify([origin]))[0] ?? '', /cors\.allowed_origins/, origin);
  const right = [
    'http://localhost:3000',
    'app://obsidian.md',
    'chrome-extension://abc',
    'tauri://localhost',
    'my.app://x:1',
  ];
  assert.deepEqual(cors(JSON.stringify(right)), []);
  assert.deepEqual(cors('["*"]', keys), []);
  assert.deepEqual(cors('["*"]', { CLAUDE_CODE__AUTH__ALLOW_ANONYMOUS: 'true' }), []);
  assert.deepEqual(cors('["https://chat.example","http://localhost:3000"]'), []);
});

test('trusted proxies are addresses, networks or one of three words', () => {
  const proxies = (...values: string[]): readonly string[] =>
    problemsOf({ CLAUDE_CODE__SERVER__TRUSTED_PROXIES: JSON.stringify(values) });
  assert.deepEqual(proxies('loopback', 'uniquelocal', '10.0.0.1', '10.0.0.0/8', 'fd00::/8', '::1'), []);
  for (const value of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', 'fd00::/129', '*', ''])
    assert.equal(proxies(value).length, 1, value);
});

test('what is to be left out of the log is named by paths', () => {
  const redact = (...values: string[]): readonly string[] =>
    problemsOf({ CLAUDE_CODE__LOGGING__REDACT: JSON.stringify(values) });
  assert.deepEqual(redact('client', 'error.stack', '*.message'), []);
  for (const value of ['', 'a b', 'a..b', '[', 'a.', '1a']) assert.equal(redact(value).length, 1, value);
});
