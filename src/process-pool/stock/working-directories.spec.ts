// Guarantee: each process has an empty directory of its own, and removing what it left holds nothing up.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { waitFor } from '../../../test/support/wait-for.ts';
import { removeDirectory } from '../system/remove-directory.ts';
import { OwnWorkingDirectories } from './working-directories.ts';

const root = mkdtempSync(join(tmpdir(), 'working-directories-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('directories are empty, differ, and go when they are released, also where the root was cleaned away', async () => {
  const directories = new OwnWorkingDirectories(join(root, 'own'));
  const [one, other] = [directories.take(), directories.take()];
  assert.notEqual(one, other);
  writeFileSync(join(one, 'left.txt'), 'left');
  directories.release(one);
  await waitFor('the removal', () => !existsSync(one));
  assert.deepEqual([...readdirSync(other)], []);
  rmSync(join(root, 'own'), { recursive: true });
  assert.deepEqual([...readdirSync(directories.take())], []);
});

test('a directory of many files is removed while other work goes on', async () => {
  const large = join(root, 'large');
  for (let branch = 0; branch < 20; branch += 1) {
    mkdirSync(join(large, String(branch)), { recursive: true });
    for (let file = 0; file < 200; file += 1) writeFileSync(join(large, String(branch), String(file)), '');
  }
  let rounds = 0;
  const work = (): void => {
    if (!existsSync(large)) return;
    rounds += 1;
    setImmediate(work);
  };
  const removal = removeDirectory(large);
  assert.ok(existsSync(large), 'it has only begun');
  work();
  await removal;
  assert.ok(!existsSync(large));
  assert.ok(rounds > 20, `the event loop went round ${rounds} times meanwhile`);
});

test('a directory that is not there is removed already, and one that cannot be is told of', async () => {
  await removeDirectory(join(root, 'missing'), assert.fail);
  const problems: Error[] = [];
  writeFileSync(join(root, 'file'), '');
  await removeDirectory(join(root, 'file', 'below'), (error) => problems.push(error));
  assert.equal(problems.length, 1);
});
