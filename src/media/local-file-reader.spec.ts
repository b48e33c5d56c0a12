// Guarantee: only regular files that really lie inside the allowed directories are read, and no refusal tells what is there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, test } from '@jest/globals';
import { isLocalPath, LocalFileReader } from './local-file-reader.ts';
import { MediaError } from './media-error.ts';

let root: string;
let reader: LocalFileReader;
const at = (...parts: string[]): string => join(root, ...parts);
const noCheck = (): void => undefined;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'reader-test-')));
  for (const name of ['allowed', 'allowed/below', 'allowed-not', 'real']) mkdirSync(at(name));
  for (const name of ['allowed/a', 'allowed/below/b', 'allowed-not/c', 'secret', 'real/d', 'allowed/ü %41'])
    writeFileSync(at(name), `content of ${name}`);
  symlinkSync(at('secret'), at('allowed/to-secret'));
  symlinkSync(at('allowed-not'), at('allowed/to-directory'));
  symlinkSync(at('allowed/a'), at('allowed/to-a'));
  symlinkSync(at('allowed/a'), at('to-a-from-outside'));
  symlinkSync('to-itself', at('allowed/to-itself'));
  symlinkSync(at('real'), at('linked'));
  execFileSync('mkfifo', [at('allowed/pipe')]);
  reader = new LocalFileReader([at('allowed'), at('linked'), at('not-there')]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function refusal(path: string): Promise<MediaError> {
  try {
    await reader.read(path, 1000, noCheck);
  } catch (error) {
    assert.ok(error instanceof MediaError);
    return error;
  }
  assert.fail(`${path} was read`);
}

test('a file below an allowed directory is read: by path, by file URL, by links that stay inside, by a directory that is a link', async () => {
  for (const [path, name] of [
    [at('allowed/a'), 'allowed/a'],
    [at('allowed/below/b'), 'allowed/below/b'],
    [at('allowed/below/../a'), 'allowed/a'],
    [`${at('allowed')}//./a`, 'allowed/a'],
    [at('allowed/to-a'), 'allowed/a'],
    [at('linked/d'), 'real/d'],
    [at('real/d'), 'real/d'],
    [pathToFileURL(at('allowed/a')).href, 'allowed/a'],
    [pathToFileURL(at('allowed/ü %41')).href, 'allowed/ü %41'],
    [`file://localhost${at('allowed/a')}`, 'allowed/a'],
    [at('allowed/ü %41'), 'allowed/ü %41'],
  ] as const) {
    assert.equal((await reader.read(path, 1000, noCheck)).toString(), `content of ${name}`);
  }
});

test('everything else is refused in the same words', async () => {
  const paths = [
    at('secret'), at('not-there'), at('allowed-not/c'), at('allowed'), at('allowed/'), at('allowed/below'), at('allowed/not-there'),
    `${at('allowed')}/../secret`, at('allowed/to-secret'), at('allowed/to-directory/c'), at('to-a-from-outside'),
    at('allowed/to-itself'), at('allowed/pipe'), at('allowed/a/x'), `${at('allowed/a')}\0.png`, '/', '/etc/passwd', '/dev/zero',
    '/proc/self/environ', 'file:///etc/passwd', `file://elsewhere${at('allowed/a')}`, 'file://', 'file:///%00',
    `file://${at('allowed')}/..%2fsecret`, `${pathToFileURL(at('allowed')).href}/%2e%2e/secret`,
  ]; // prettier-ignore
  const words = new Set<string>();
  for (const path of paths) words.add((await refusal(path)).message);
  assert.equal(words.size, 1);
  assert.ok(![...words].some((message) => message.includes(root)));
});

test('no more is read of a file than its first bytes when these are not of interest, and nothing when it is too large', async () => {
  writeFileSync(at('allowed/large'), 'x');
  truncateSync(at('allowed/large'), 1024 ** 3);
  const heads: number[] = [];
  const check = (head: Buffer): void => {
    heads.push(head.length);
    throw new MediaError('unsupported_media_type', 'not of interest');
  };
  await assert.rejects(reader.read(at('allowed/large'), 2 * 1024 ** 3, check), { code: 'unsupported_media_type' });
  assert.deepEqual(heads, [16]);
  await assert.rejects(reader.read(at('allowed/large'), 1000, check), { code: 'media_too_large' });
  assert.deepEqual(heads, [16], 'it was not looked at');
});

test('a file of exactly the limit is read, one byte more is refused', async () => {
  writeFileSync(at('allowed/exact'), Buffer.alloc(70_000, 1));
  assert.equal((await reader.read(at('allowed/exact'), 70_000, noCheck)).length, 70_000);
  await assert.rejects(reader.read(at('allowed/exact'), 69_999, noCheck), { code: 'media_too_large' });
});

test('a directory that is exchanged for a link while files are read gives away nothing', async () => {
  mkdirSync(at('allowed/swapped'));
  mkdirSync(at('outside'));
  writeFileSync(at('outside/f'), 'secret');
  writeFileSync(at('allowed/swapped/f'), 'public');
  const over = new AbortController();
  const swap = async (): Promise<void> => {
    while (!over.signal.aborted) {
      rmSync(at('allowed/swapped'), { recursive: true });
      symlinkSync(at('outside'), at('allowed/swapped'));
      await new Promise(setImmediate);
      rmSync(at('allowed/swapped'));
      mkdirSync(at('allowed/swapped'));
      writeFileSync(at('allowed/swapped/f'), 'public');
      await new Promise(setImmediate);
    }
  };
  const swapping = swap();
  const seen = new Set<string>();
  for (let round = 0; round < 400; round += 1) {
    seen.add(await reader.read(at('allowed/swapped/f'), 1000, noCheck).then(String, () => 'refused'));
  }
  over.abort();
  await swapping;
  assert.ok(!seen.has('secret'), [...seen].join(' '));
});

test('a path and a file URL are local, other URLs and base64 are not', () => {
  for (const text of ['/a', 'file:///a', 'FILE:///a']) assert.ok(isLocalPath(text));
  for (const text of ['a', './a', 'http://a', 'data:,x', 'iVBOR']) assert.ok(!isLocalPath(text));
});
