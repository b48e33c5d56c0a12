// Guarantee: a change of the keys file is in force as soon as it was looked at, a file that cannot be used changes
// nothing, and no change ever opens a service that has asked for keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from '@jest/globals';
import type { Logger } from '../common/logging/logger.ts';
import type { AuthSettings } from '../config/settings.ts';
import { changeKeysFile } from './change-keys-file.ts';
import { digestOf, generateKey } from './generate-key.ts';
import { KeyRegistry } from './key-registry.ts';

let directory: string;
let file: string;
let logged: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'registry-test-'));
  file = join(directory, 'keys.json');
  logged = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function registry(auth: Partial<AuthSettings> = {}): KeyRegistry {
  const note = (fields: object, message: string): number => logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { info: note, error: note } as unknown as Logger;
  return new KeyRegistry({ keys: [], allowAnonymous: false, ...auth }, { path: directory }, logger);
}

function entry(name: string, key: string, more: object = {}): never {
  const created = new Date().toISOString();
  return {
    name,
    sha256: digestOf(key).toString('hex'),
    created_at: created,
    agent: false,
    admin: false,
    ...more,
  } as never;
}

const add = (name: string, key: string, more: object = {}): void =>
  changeKeysFile(file, (keys) => [...keys, entry(name, key, more)]);
const revoke = (name: string): void => changeKeysFile(file, (keys) => keys.filter((key) => key.name !== name));

test('a key that is added lets in, with its policy; one that is revoked does not any more', async () => {
  const keys = registry();
  assert.ok(keys.isOpen);
  add('alice', 'key-of-alice', { models: ['sonnet'], requests_per_minute: 3, daily_cost_usd: 0.5, agent: true });
  await keys.check();
  assert.deepEqual([keys.isOpen, keys.size], [false, 1]);
  const alice = keys.find('key-of-alice');
  assert.equal(alice?.name, 'alice');
  assert.deepEqual([alice.policy.models, alice.policy.requestsPerMinute, alice.policy.agent], [['sonnet'], 3, true]);
  add('bob', 'key-of-bob');
  revoke('alice');
  await keys.check();
  assert.equal(keys.find('key-of-alice'), undefined);
  assert.equal(keys.find('key-of-bob')?.name, 'bob');
  assert.match(logged.join('\n'), /"added":\["bob"\],"revoked":\["alice"\]/);
});

test('a name that was given again is another key', async () => {
  add('alice', 'old');
  const keys = registry();
  revoke('alice');
  add('alice', 'new');
  await keys.check();
  assert.deepEqual([keys.find('old')?.name, keys.find('new')?.name], [undefined, 'alice']);
});

test('revoking the last key does not open the service, now or after another start', async () => {
  add('alice', 'key-of-alice');
  const keys = registry();
  revoke('alice');
  await keys.check();
  for (const each of [keys, registry()]) assert.deepEqual([each.isOpen, each.size], [false, 0]);
});

const BROKEN: [what: string, breakIt: () => void, says: RegExp][] = [
  ['is cut off', () => writeFileSync(file, '{"version":1,"keys":[{"name":"SECRET'), /is not JSON/],
  ['is empty', () => writeFileSync(file, ''), /is not JSON/],
  ['has another form', () => writeFileSync(file, '{"version":1,"keys":[{"name":"x"}]}'), /keys\.0\.sha256/],
  ['has an unknown limit', () => add('bob', 'b', { requests_per_hour: 3 }), /requests_per_hour/],
  ['has a name twice', () => add('alice', 'b'), /alice twice/],
  ['has a name of the settings', () => add('carol', 'b'), /together with the settings, the name carol twice/],
  ['has a key under two names', () => add('bob', 'key-of-alice'), /same key under two names, alice and bob/],
  ['has a key of the settings under another name', () => add('bob', 'key-of-carol'), /under two names, carol and bob/],
  ['has a model with a line break', () => add('bob', 'b', { models: ['a\nb'] }), /models\.0.*line breaks/],
  ['has a model with an escape', () => add('bob', 'b', { models: ['\u001B[31m'] }), /control characters/],
  ['has a name with a line break', () => writeFileSync(file, keysFile('alice\n')), /keys\.0\.name/],
  ['is a pipe', () => (rmSync(file), execFileSync('mkfifo', [file])), /is not a regular file/],
  ['is a device', () => (rmSync(file), symlinkSync('/dev/zero', file)), /is not a regular file/],
  ['is larger than keys can be', () => truncateSync(file, 2 ** 26 + 1), /is larger than 64 MB/],
  ['is gone', () => rmSync(file), /is gone/],
  ['is a directory', () => (rmSync(file), mkdirSync(file)), /is not a regular file/],
]; // prettier-ignore
for (const [what, breakIt, says] of BROKEN) {
  test(`a file that ${what} leaves the keys of before in force, and is told of once`, async () => {
    add('alice', 'key-of-alice');
    const keys = registry({
      keys: [{ name: 'carol', sha256: digestOf('key-of-carol').toString('hex'), agent: false, admin: false }],
    });
    breakIt();
    for (let times = 0; times < 3; times += 1) await keys.check();
    assert.deepEqual([keys.isOpen, keys.size], [false, 2]);
    assert.equal(keys.find('key-of-alice')?.name, 'alice');
    assert.equal(keys.find('key-of-carol')?.name, 'carol');
    assert.match(keys.problem ?? '', says);
    assert.ok(!keys.problem?.includes('SECRET'));
    assert.equal(logged.length, 1);
    rmSync(file, { recursive: true, force: true });
    add('bob', 'key-of-bob');
    await keys.check();
    assert.equal(keys.problem, undefined);
    assert.deepEqual([keys.find('key-of-alice')?.name, keys.find('key-of-bob')?.name], [undefined, 'bob']);
  });
}

function keysFile(name: string): string {
  return JSON.stringify({ version: 1, keys: [entry(name, 'key')] });
}

test('a change of many keys is taken up while other work goes on', async () => {
  const keys = registry();
  const many = Array.from({ length: 20_000 }, (_value, index) => entry(`key-${index}`, `secret-${index}`));
  changeKeysFile(file, () => many);
  let isDone = false;
  let rounds = 0;
  const work = (): void => {
    rounds += 1;
    if (!isDone) setImmediate(work);
  };
  work();
  await keys.check();
  isDone = true;
  assert.ok(rounds > 1, 'the event loop went round meanwhile');
  assert.equal(keys.size, 20_000);
  for (const index of [0, 9_999, 19_999]) assert.equal(keys.find(`secret-${index}`)?.name, `key-${index}`);
  assert.equal(keys.find('secret-20000'), undefined);
  assert.match(logged.join(), /and 19900 more/);
});

test('a file that cannot be used at the start stops it', () => {
  writeFileSync(file, 'x');
  assert.throws(() => registry(), { name: 'KeysFileError' });
});

test('none of ten thousand wrong keys gets in, however near they come', () => {
  const right = generateKey();
  add('alice', right);
  const keys = registry();
  const wrong = new Set<string>(['', 'alice', digestOf(right).toString('hex'), digestOf(right).toString('latin1')]);
  for (let length = 1; length < right.length; length += 1) {
    wrong.add(right.slice(0, length));
    wrong.add(right.slice(length));
    wrong.add(`${right}${right.slice(0, length)}`);
    wrong.add(`${right.slice(0, length)}\0${right.slice(length)}`);
    const other = right[length] === 'x' ? 'y' : 'x';
    wrong.add(`${right.slice(0, length)}${other}${right.slice(length + 1)}`);
  }
  for (const changed of [
    right.toUpperCase(),
    right.toLowerCase(),
    ` ${right}`,
    `${right} `,
    `${right}\n`,
    `${right}\0`,
  ])
    wrong.add(changed);
  while (wrong.size < 10_000) wrong.add(generateKey());
  assert.ok(!wrong.has(right));
  for (const key of wrong) assert.equal(keys.find(key), undefined);
  assert.equal(keys.find(right)?.name, 'alice');
});
