import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileLock, FileLockedError } from './file-lock.ts';

const LOCK_FILE = 'service.lock';
/** Identifies the owner of the lock for messages; nothing relies on it. */
const OWNER_FILE = 'service.pid';

/** Another service uses the storage. */
export class StorageInUseError extends Error {
  constructor(path: string, owner: string, options?: ErrorOptions) {
    super(`storage.path: ${path} is used by another service${owner}; give each service a path of its own`, options);
    this.name = 'StorageInUseError';
  }
}

/** Exclusive use of `storage.path`, where one service keeps conversations, costs and processes. */
export class StorageClaim {
  private constructor(
    private readonly path: string,
    private readonly lock: FileLock | undefined,
    /** Why the path could not be claimed although no other service has it; for example, it is read-only. */
    readonly problem: Error | undefined,
  ) {}

  /** Throws StorageInUseError if another service has claimed the path. */
  static make(path: string): StorageClaim {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const lock = FileLock.acquire(join(path, LOCK_FILE), 0);
      writeOwner(path);
      return new StorageClaim(path, lock, undefined);
    } catch (error) {
      if (error instanceof FileLockedError) throw new StorageInUseError(path, ownerOf(path), { cause: error });
      return new StorageClaim(path, undefined, error as Error);
    }
  }

  /** For a service that stores nothing. */
  static none(): StorageClaim {
    return new StorageClaim('', undefined, new Error('no storage was claimed'));
  }

  /** Whether only this service uses the path, and can write there. */
  get isExclusive(): boolean {
    return this.lock !== undefined;
  }

  /** Releases the path for another service. */
  release(): void {
    if (!this.lock) return;
    rmSync(join(this.path, OWNER_FILE), { force: true });
    this.lock.release();
  }
}

function writeOwner(path: string): void {
  writeFileSync(join(path, OWNER_FILE), String(process.pid), { mode: 0o600 });
}

function ownerOf(path: string): string {
  try {
    return ` (process ${Number(readFileSync(join(path, OWNER_FILE), 'utf8'))})`;
  } catch {
    return '';
  }
}
