// Guarantee: a storage path belongs to one process at a time, and to nobody once that has gone, however it went.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { StorageClaim, StorageInUseError } from './storage-claim.ts';

const directory = mkdtempSync(join(tmpdir(), 'claim-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Another process that claims a path and keeps it. */
async function claimElsewhere(path: string): Promise<{ pid: number; kill: () => Promise<unknown> }> {
  const module = JSON.stringify(new URL('./storage-claim.js', import.meta.url).href);
  const script = `import { StorageClaim } from ${module};
    globalThis.claim = StorageClaim.make(${JSON.stringify(path)});
    process.stdout.write('claimed');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test('what another process has claimed is refused, by another name as well, and free after its SIGKILL', async () => {
  const path = join(directory, 'data');
  const other = await claimElsewhere(path);
  symlinkSync(path, join(directory, 'link'));
  for (const name of [path, join(directory, 'link'), join(directory, 'x/../data')]) {
    assert.throws(
      () => StorageClaim.make(name),
      (error) => error instanceof StorageInUseError && error.message.includes(`(process ${other.pid})`),
    );
  }
  await other.kill();
  const claim = StorageClaim.make(path);
  assert.ok(claim.isExclusive);
  claim.release();
  const next = await claimElsewhere(path);
  await next.kill();
});

test('paths of their own do not disturb each other', async () => {
  const other = await claimElsewhere(join(directory, 'one'));
  const claim = StorageClaim.make(join(directory, 'two'));
  assert.ok(claim.isExclusive);
  claim.release();
  await other.kill();
});

test('a path that cannot be written is not claimed, which is told and stops nothing', () => {
  const claim = StorageClaim.make('/sys/claude-code-api');
  assert.equal(claim.isExclusive, false);
  assert.ok(claim.problem);
  claim.release();
});
