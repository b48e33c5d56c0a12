// Guarantee: what is written together is told only once it is committed, and one write that fails costs the others nothing.
import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import { CommitGroup, type RunTransaction } from './commit-group.ts';
import { StorageUnavailableError } from './storage-unavailable-error.ts';

/** What was committed, transaction by transaction. */
let committed: string[][];
let pending: string[];
let group: CommitGroup;
/** Called before each commit. */
let commit: (works: readonly string[]) => void;

beforeEach(() => {
  committed = [];
  commit = () => undefined;
  const transaction: RunTransaction = (work) => {
    pending = [];
    const result = work();
    commit(pending);
    committed.push(pending);
    return result;
  };
  group = new CommitGroup(transaction);
});

const write = (name: string): Promise<string> =>
  group.add(() => {
    pending.push(name);
    return name.toUpperCase();
  });

test('what is asked for at the same moment is one transaction, and each gets its own result', async () => {
  assert.deepEqual(await Promise.all([write('a'), write('b'), write('c')]), ['A', 'B', 'C']);
  assert.equal(await write('d'), 'D');
  assert.deepEqual(committed, [['a', 'b', 'c'], ['d']]);
});

test('what was done and could not be committed is refused', async () => {
  commit = () => {
    throw new Error('no commit');
  };
  await assert.rejects(write('a'), /no commit/);
  assert.deepEqual(committed, []);
});

test('a write that fails is refused alone', async () => {
  const failing = group.add(() => {
    throw new Error('no such thing');
  });
  const results = await Promise.allSettled([write('a'), failing, write('b')]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(committed, [['a'], ['b']]);
});

test('on a full disk what still fits is written', async () => {
  commit = (works) => {
    if (works.includes('large')) throw new StorageUnavailableError('full');
  };
  const results = await Promise.allSettled([write('small'), write('large')]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.deepEqual(committed, [['small']]);
});

test('storage that cannot be used is asked once, not once for each', async () => {
  let attempts = 0;
  commit = () => {
    attempts += 1;
    throw new StorageUnavailableError('busy');
  };
  const results = await Promise.allSettled([write('a'), write('b')]);
  assert.ok(
    results.every((result) => result.status === 'rejected' && result.reason instanceof StorageUnavailableError),
  );
  assert.equal(attempts, 1);
});

test('what waits can be written at once, as before the end', async () => {
  const writing = write('a');
  group.flush();
  assert.deepEqual(committed, [['a']]);
  assert.equal(await writing, 'A');
});
