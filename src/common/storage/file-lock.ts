import { DatabaseSync } from 'node:sqlite';

/** SQLite's result code for a file that another process holds. */
const SQLITE_BUSY = 5;

/** Another process holds the file. */
export class FileLockedError extends Error {
  constructor(file: string, options?: ErrorOptions) {
    super(`${file} is held by another process`, options);
    this.name = 'FileLockedError';
  }
}

/** A file that is held by this process alone. The system gives it up with the process, however that ends: SQLite's locks are its. */
export class FileLock {
  private constructor(private readonly database: DatabaseSync) {}

  /**
   * Blocks for `timeoutMs` at most. Throws FileLockedError when another process holds the file for longer, and what SQLite
   * throws when it cannot be locked at all.
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
