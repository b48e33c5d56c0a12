import { DatabaseSync } from 'node:sqlite';

/** SQLite's result code for a file that another process has locked. */
const SQLITE_BUSY = 5;

/** Another process has locked the file. */
export class FileLockedError extends Error {
  constructor(file: string, options?: ErrorOptions) {
    super(`${file} is held by another process`, options);
    this.name = 'FileLockedError';
  }
}

/**
 * A lock on a file, held by this process alone. SQLite's locks belong to the process, so the system releases them at its
 * end.
 */
export class FileLock {
  private constructor(private readonly database: DatabaseSync) {}

  /**
   * Blocks for at most `timeoutMs`. Throws FileLockedError if another process holds the lock for longer, and SQLite's error
   * if the file cannot be locked at all.
   */
  static acquire(file: string, timeoutMs: number): FileLock {
    const database = new DatabaseSync(file, { timeout: timeoutMs });
    try {
      database.exec('BEGIN EXCLUSIVE');
      return new FileLock(database);
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      throw new FileLockedError(file, { cause: error });
    }
  }

  release(): void {
    this.database.close();
  }
}
