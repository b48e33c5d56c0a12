// Guarantee: keys are made, listed and revoked without losing one and without leaving one anywhere but with whoever
// asked for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, test } from '@jest/globals';
import { digestOf } from './generate-key.ts';

const ENTRY = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const OLD_NODE = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } })",
)}`;

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'keys-test-'))));
afterEach(() => rmSync(directory, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function keys(
  words: readonly string[],
  settings: Record<string, string> = {},
  node: string[] = [],
): Promise<Outcome> {
  const child = spawn(process.execPath, [...node, ENTRY, 'keys', ...words], {
    cwd: directory,
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

const file = (): string => join(directory, 'data/keys.json');
const stored = (): { name: string; sha256: string }[] =>
  (JSON.parse(readFileSync(file(), 'utf8')) as { keys: { name: string; sha256: string }[] }).keys;

test('a new key is all that stdout gets, and only its digest is kept, for its owner alone', async () => {
  const { code, stdout, stderr } = await keys(['add', 'alice']);
  assert.equal(code, 0);
  assert.match(stdout, /^sk-ccapi-[0-9A-Za-z]{43}\n$/);
  const key = stdout.trim();
  assert.match(stderr, /shown this once.*requires a key for every request/s);
  assert.ok(!stderr.includes(key) && !readFileSync(file(), 'utf8').includes(key));
  assert.equal(stored()[0]?.sha256, digestOf(key).toString('hex'));
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  assert.equal(statSync(join(directory, 'data')).mode & 0o777, 0o700);
});

test('a file that was open to others is not after a change', async () => {
  await keys(['add', 'alice']);
  chmodSync(file(), 0o644);
  await keys(['add', 'bob']);
  assert.equal(statSync(file()).mode & 0o777, 0o600);
});

test('limits are kept with the key and listed, for people and as JSON, without keys and digests', async () => {
  const limits = ['--models', 'sonnet,haiku', '--requests-per-minute', '60', '--tokens-per-minute', '100000'];
  const more = ['--max-simultaneous', '4', '--daily-cost-usd', '2.5', '--agent', '--admin'];
  const { stdout } = await keys(['add', 'alice', ...limits, ...more]);
  const settings = { CLAUDE_CODE__AUTH__KEYS: JSON.stringify([{ name: 'carol', sha256: 'a'.repeat(64) }]) };
  const json = await keys(['list', '--json'], settings);
  const [carol, alice] = JSON.parse(json.stdout) as { created_at: string | null }[];
  assert.deepEqual(carol, { name: 'carol', agent: false, admin: false, created_at: null, source: 'settings' });
  assert.match(alice?.created_at ?? '', /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(
    { ...alice, created_at: '' },
    {
      name: 'alice',
      created_at: '',
      models: ['sonnet', 'haiku'],
      requests_per_minute: 60,
      tokens_per_minute: 100_000,
      max_simultaneous: 4,
      daily_cost_usd: 2.5,
      agent: true,
      admin: true,
      source: 'keys file',
    },
  );
  const table = await keys(['list'], settings);
  assert.match(
    table.stdout,
    /^NAME +CREATED .*\ncarol +- +all .*\nalice +\d.* sonnet,haiku +60 +100000 +4 +2\.5 +yes +yes/,
  );
  for (const text of [json.stdout, table.stdout]) {
    for (const secret of [stdout.trim(), stored()[0]!.sha256, 'a'.repeat(64)]) assert.ok(!text.includes(secret));
  }
});

test('a revoked key is gone, and its name can be given again', async () => {
  const first = await keys(['add', 'alice']);
  assert.equal((await keys(['revoke', 'alice'])).code, 0);
  assert.deepEqual(stored(), []);
  assert.match((await keys(['list'])).stderr, /There are no keys/);
  const second = await keys(['add', 'alice']);
  assert.equal(second.code, 0);
  assert.notEqual(second.stdout, first.stdout);
});

test('twenty keys that are made at once are all kept', async () => {
  const names = Array.from({ length: 20 }, (_value, index) => `key-${index}`);
  const made = await Promise.all(names.map((name) => keys(['add', name])));
  assert.deepEqual(made.map(({ code, stderr }) => (code === 0 ? '' : stderr)).join(''), '');
  assert.deepEqual(stored().map(({ name }) => name).toSorted(), names.toSorted());
  assert.deepEqual(
    stored().map(({ sha256 }) => sha256).toSorted(),
    made.map(({ stdout }) => digestOf(stdout.trim()).toString('hex')).toSorted(),
  );
}); // prettier-ignore

test('the first key can be made where the settings need one', async () => {
  assert.equal((await keys(['add', 'alice'], { CLAUDE_CODE__SERVER__HOST: '0.0.0.0' })).code, 0);
});

test('the file is where the settings say', async () => {
  await keys(['add', 'alice'], { CLAUDE_CODE__AUTH__KEYS_FILE: 'elsewhere/people.json' });
  assert.match(readFileSync(join(directory, 'elsewhere/people.json'), 'utf8'), /"alice"/);
});

const configured = { CLAUDE_CODE__AUTH__KEYS: JSON.stringify([{ name: 'carol', sha256: 'a'.repeat(64) }]) };
const REFUSED: [what: string, words: string[], code: number, says: RegExp, settings?: Record<string, string>][] = [
  ['nothing to do', [], 64, /say what to do.*Usage/s],
  ['something else', ['remove', 'alice'], 64, /there is no remove/],
  ['no name', ['add'], 64, /give one name/],
  ['two names', ['revoke', 'a', 'b'], 64, /give one name/],
  ['a name that a log could not carry', ['add', 'a b'], 64, /the name a b must be 1 to 64/],
  ['the name of requests without a key', ['add', 'anonymous'], 64, /requests without a key/],
  ['an option that is not known', ['add', 'alice', '--limit', '3'], 64, /Unknown option '--limit'/],
  ['a limit that is no number', ['add', 'alice', '--requests-per-minute', 'many'], 64, /--requests-per-minute: /],
  ['a limit of nothing', ['add', 'alice', '--max-simultaneous', '0'], 64, /--max-simultaneous: /],
  ['an empty limit', ['add', 'alice', '--daily-cost-usd', ''], 64, /--daily-cost-usd: /],
  ['an empty model', ['add', 'alice', '--models', 'a,,b'], 64, /--models: /],
  ['a model with a line break', ['add', 'alice', '--models', 'a\nb'], 64, /--models: must not have line breaks/],
  ['a model with an escape', ['add', 'alice', '--models', '\u001B[31mred'], 64, /--models: .*control characters/],
  ['a name with an escape, shown without it', ['add', '\u001B[31mred'], 64, /the name \?\[31mred must be/],
  ['a limit beyond all reason', ['add', 'alice', '--max-simultaneous', '1e12'], 64, /--max-simultaneous: must be/],
  ['a name that is taken', ['add', 'old'], 1, /there is a key old already/],
  ['a name that the settings have', ['add', 'carol'], 1, /carol in the settings/, configured],
  ['to revoke what the settings have', ['revoke', 'carol'], 1, /remove it there/, configured],
  ['to revoke what is not there', ['revoke', 'alice'], 1, /there is no key alice in .*keys\.json/],
  ['settings that cannot be used', ['list'], 78, /did you mean auth\.keys/, { CLAUDE_CODE__AUTH__KEYZ: '[]' }],
];
for (const [what, words, code, says, settings] of REFUSED) {
  test(`${what} is refused, and changes nothing`, async () => {
    await keys(['add', 'old']);
    const before = readFileSync(file(), 'utf8');
    const outcome = await keys(words, settings);
    assert.deepEqual([outcome.code, outcome.stdout], [code, '']);
    assert.match(outcome.stderr, says);
    assert.equal(readFileSync(file(), 'utf8'), before);
  });
}

test('a file that cannot be used is named and left as it is', async () => {
  await keys(['add', 'alice']);
  writeFileSync(file(), '{"version":1,"keys":[SECRET');
  for (const words of [['add', 'bob'], ['list'], ['revoke', 'alice']]) {
    const { code, stderr } = await keys(words);
    assert.equal(code, 1);
    assert.match(stderr, /keys\.json is not JSON/);
    assert.ok(!stderr.includes('SECRET'));
  }
  assert.equal(readFileSync(file(), 'utf8'), '{"version":1,"keys":[SECRET');
});

test('200,000 keys are listed, and more can be added and revoked', async () => {
  await keys(['add', 'first']);
  const created = new Date().toISOString();
  const many = Array.from({ length: 200_000 }, (_value, index) => ({
    name: `key-${index}`,
    sha256: index.toString(16).padStart(64, '0'),
    created_at: created,
    models: ['sonnet', 'haiku'],
  }));
  writeFileSync(file(), JSON.stringify({ version: 1, keys: many }, null, 2));
  assert.equal((await keys(['add', 'alice'])).code, 0);
  const { code, stdout } = await keys(['list']);
  assert.deepEqual([code, stdout.split('\n').length], [0, 200_003]);
  assert.equal((await keys(['revoke', 'key-7'])).code, 0);
  assert.equal(stored().length, 200_000);
});

test('one key under two names is refused, whoever wrote it there', async () => {
  await keys(['add', 'alice']);
  const [alice] = stored();
  writeFileSync(file(), JSON.stringify({ version: 1, keys: [alice, { ...alice, name: 'bob' }] }));
  const { code, stderr } = await keys(['list']);
  assert.equal(code, 1);
  assert.match(stderr, /the same key under two names, alice and bob/);
  assert.ok(!stderr.includes(alice?.sha256 ?? ''));
});

test('how it is used is told, and an older Node what to do', async () => {
  assert.match((await keys(['--help'])).stdout, /ccapi keys add NAME/);
  const old = await keys(['list'], {}, ['--import', OLD_NODE]);
  assert.equal(old.code, 1);
  assert.match(old.stderr, /needs Node\.js 24/);
});
