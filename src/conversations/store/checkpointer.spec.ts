// Guarantee: nobody waits for a checkpoint that cannot be made, and the next one is tried again.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, test } from '@jest/globals';
import { Checkpointer } from './checkpointer.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'checkpointer-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a file that cannot be opened holds nobody up', async () => {
  const checkpointer = new Checkpointer(join(directory, 'no', 'such', 'file'), 100);
  await checkpointer.run(false);
  await checkpointer.run(true);
  await checkpointer.close();
});

test('a thread that has ended is followed by another one, which empties the log', async () => {
  const file = join(directory, 'x.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)');
  const checkpointer = new Checkpointer(file, 100);
  const waiting = checkpointer.run(false);
  await checkpointer.close();
  await waiting;
  assert.equal(checkpointer.isBusy, false);
  await checkpointer.run(true);
  assert.ok(!existsSync(`${file}-wal`) || statSync(`${file}-wal`).size === 0);
  await checkpointer.close();
  database.close();
});
