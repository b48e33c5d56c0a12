export type StorageProblem = 'full' | 'damaged' | 'read-only' | 'busy' | 'unusable';

/** The storage cannot be used now; nothing of what was asked for has happened. */
export class StorageUnavailableError extends Error {
  constructor(
    readonly problem: StorageProblem,
    options?: ErrorOptions,
  ) {
    super(MESSAGES[problem], options);
    this.name = 'StorageUnavailableError';
  }
}

const MESSAGES: Readonly<Record<StorageProblem, string>> = {
  full: 'the disk of the storage is full',
  damaged: 'the file of the storage is damaged',
  'read-only': 'the storage cannot be written to',
  busy: 'the storage is in use by another process',
  unusable: 'the storage cannot be used',
};

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const PROBLEMS: Readonly<Record<number, StorageProblem>> = {
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  11: 'damaged',
  13: 'full',
  26: 'damaged',
};

/** A failure of the database or its files; undefined for anything else, which is a mistake of this code. */
export function toStorageError(error: unknown): StorageUnavailableError | undefined {
  if (error instanceof StorageUnavailableError) return error;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code === 'ENOSPC') return new StorageUnavailableError('full', { cause: error });
  if (error.code === 'EROFS' || error.code === 'EACCES')
    return new StorageUnavailableError('read-only', { cause: error });
  if ('syscall' in error) return new StorageUnavailableError('unusable', { cause: error });
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return undefined;
  const primary = Number(error.errcode) & 0xff;
  // 1: the statement or the schema is not what this code expects; 19: a constraint. Mistakes, unless the file is foreign.
  return primary === 19 ? undefined : new StorageUnavailableError(PROBLEMS[primary] ?? 'unusable', { cause: error });
}
