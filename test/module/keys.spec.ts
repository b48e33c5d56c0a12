// Guarantee: a running service lets in who has a key of its keys file as it is now, and nobody else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { TestApplication } from '../support/test-application.ts';
import { waitFor } from '../support/wait-for.ts';
import { changeKeysFile } from '../../src/keys/change-keys-file.ts';
import { digestOf, generateKey } from '../../src/keys/generate-key.ts';

const directory = mkdtempSync(join(tmpdir(), 'keys-service-test-'));
const file = join(directory, 'keys.json');
let service: TestApplication;
beforeAll(async () => {
  service = await TestApplication.start({ STORAGE__PATH: directory });
});
afterAll(async () => {
  await service.stop();
  rmSync(directory, { recursive: true });
});

const add = (name: string, key: string): void =>
  changeKeysFile(file, (keys) => [
    ...keys,
    { name, sha256: digestOf(key).toString('hex'), created_at: new Date().toISOString(), agent: false, admin: false },
  ]);

const statusWith = async (key?: string): Promise<number> =>
  (await service.get('/v1/models', key === undefined ? {} : { authorization: `Bearer ${key}` })).status;

interface KeysHealth {
  readonly details: { readonly keys: { readonly required: boolean; readonly problem?: string } };
}

const health = async (): Promise<KeysHealth['details']['keys']> => {
  const response = await service.get('/health/ready');
  assert.equal(response.status, 200);
  return ((await response.json()) as KeysHealth).details.keys;
};

const alice = generateKey();

test('the first key closes a service that was open', async () => {
  assert.equal(await statusWith(), 200);
  assert.equal((await health()).required, false);
  add('alice', alice);
  await waitFor('strangers to be refused', async () => (await statusWith()) === 401);
  assert.deepEqual([await statusWith(alice), await statusWith(generateKey())], [200, 401]);
  assert.deepEqual(await health(), { status: 'up', required: true });
});

test('ten thousand wrong keys do not get in', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const status = (key: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const url = new URL('/v1/models', service.url);
      const outgoing = httpRequest(url, { agent, headers: { 'x-api-key': key } });
      outgoing.on('error', reject).on('response', (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      outgoing.end();
    });
  const near = Array.from({ length: alice.length - 1 }, (_value, index) => [
    alice.slice(0, index + 1),
    alice.slice(index + 1),
    alice.slice(0, index) + (alice[index] === 'x' ? 'y' : 'x') + alice.slice(index + 1),
  ]).flat();
  const wrong = [...near, alice.toUpperCase(), alice.toLowerCase(), `${alice}0`, `0${alice}`, digestOf(alice).toString('hex')];
  while (wrong.length < 10_000) wrong.push(generateKey());
  const answers = new Map<number | undefined, number>();
  const next = wrong.values();
  const worker = async (): Promise<void> => {
    for (const key of next) {
      const answer = await status(key);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  assert.deepEqual([...answers], [[401, 10_000]]);
  assert.equal(await status(alice), 200);
  agent.destroy();
}, 120_000); // prettier-ignore

test('a file that is broken changes nothing, and readiness tells of it until it is mended', async () => {
  writeFileSync(file, 'broken');
  await waitFor('the problem', async () => (await health()).problem !== undefined);
  assert.match((await health()).problem ?? '', /keys\.json is not JSON; the keys of before stay in force/);
  assert.deepEqual([await statusWith(alice), await statusWith()], [200, 401]);
  rmSync(file);
  add('bob', 'key-of-bob');
  await waitFor('the mended file', async () => (await statusWith('key-of-bob')) === 200);
  assert.deepEqual([(await health()).problem, await statusWith(alice)], [undefined, 401]);
});

test('when the last key is revoked nobody gets in', async () => {
  changeKeysFile(file, () => []);
  await waitFor('the key to be refused', async () => (await statusWith('key-of-bob')) === 401);
  assert.deepEqual([await statusWith(), await statusWith(alice)], [401, 401]);
});
