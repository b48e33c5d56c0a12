import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileLock } from '../common/storage/file-lock.ts';
import type { StoredKey } from '../config/key-entry.ts';
import { formatKeysFile, KeysFileError, readKeysFile } from '../config/keys-file.ts';

/** Longer than many concurrent changes take. */
const LOCK_TIMEOUT_MS = 30_000;

/**
 * Changes the keys file, or creates it. One writer at a time; a reader sees a change whole or not at all. On an error of
 * `change` or a KeysFileError, which it rethrows, the file stays unchanged.
 */
export function changeKeysFile(file: string, change: (keys: readonly StoredKey[]) => readonly StoredKey[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotWrite(file, error);
  }
  withLock(file, () => {
    const changed = formatKeysFile(change(readKeysFile(file) ?? []));
    try {
      replace(file, changed);
    } catch (error) {
      throw cannotWrite(file, error);
    }
  });
}

function withLock(file: string, task: () => void): void {
  let lock: FileLock;
  try {
    lock = FileLock.acquire(`${file}.lock`, LOCK_TIMEOUT_MS);
  } catch (error) {
    throw new KeysFileError(file, `cannot be locked: ${(error as Error).message}`, { cause: error });
  }
  try {
    task();
  } finally {
    lock.release();
  }
}

function replace(file: string, text: string): void {
  const next = `${file}.new`;
  const descriptor = openSync(next, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(next, file);
}

function cannotWrite(file: string, error: unknown): KeysFileError {
  return new KeysFileError(file, `cannot be written: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
}
