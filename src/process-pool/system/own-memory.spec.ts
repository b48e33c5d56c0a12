// Guarantee: what is told of a process's memory is what it takes beside others of its kind, in bytes on any machine.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { ownMemoryBytes, parseOwnMemory } from './own-memory.ts';

test('shared pages do not count, and neither does the size of a page', () => {
  const status =
    'Name:\tclaude\nVmRSS:\t  239000 kB\nRssAnon:\t  152000 kB\nRssFile:\t   87000 kB\nRssShmem:\t       0 kB\n';
  assert.equal(parseOwnMemory(status), 152_000 * 1024);
});

test('a kernel that does not tell them apart is taken at its word, and a process that has ended has none', () => {
  assert.equal(parseOwnMemory('Name:\tclaude\nVmRSS:\t  239000 kB\n'), 239_000 * 1024);
  assert.equal(parseOwnMemory('Name:\tclaude\nState:\tZ (zombie)\n'), undefined);
  // The name of a program can hold anything but a line break.
  assert.equal(parseOwnMemory('Name:\tRssAnon: 7 kB\nRssAnon:\t     100 kB\n'), 100 * 1024);
});

test('what this process allocates is its own', () => {
  const before = ownMemoryBytes(process.pid) ?? 0;
  const memory = Buffer.alloc(64 * 1024 * 1024, 1);
  const grown = (ownMemoryBytes(process.pid) ?? 0) - before;
  assert.ok(grown > 0.9 * memory.length && grown < 1.5 * memory.length, String(grown));
});

test('of no process nothing is told', () => {
  assert.deepEqual([ownMemoryBytes(undefined), ownMemoryBytes(2 ** 30)], [undefined, undefined]);
});
