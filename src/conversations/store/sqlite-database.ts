import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Checkpointer } from './checkpointer.ts';
import { CommitGroup } from './commit-group.ts';
import { migrate } from './migrations.ts';
import { StorageUnavailableError, toStorageError } from './storage-unavailable-error.ts';

export const IN_MEMORY = ':memory:';

/** How long a file that could not be opened is left alone. */
const REOPEN_AFTER_MS = 5_000;
/** Only a backup or the end of a checkpoint can hold the file; nothing else is served while this is waited for. */
const BUSY_TIMEOUT_MS = 1_000;
/** Every so many commits the log is written into the file. */
const COMMITS_PER_CHECKPOINT = 200;

interface Open {
  readonly database: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
  /** None where there is no file. */
  readonly checkpointer: Checkpointer | undefined;
}

/**
 * One SQLite file. It is opened when it is first needed, and again after a failure, so that neither the start of the
 * service nor its other work depends on it. A process that dies loses nothing that was committed; what was deleted is
 * overwritten.
 */
export class SqliteDatabase {
  private current: Open | undefined;
  private failure: StorageUnavailableError | undefined;
  private failedAt = 0;
  private hasDeleted = false;
  private commits = 0;
  private checkpointing: Promise<void> = Promise.resolve();
  private readonly group = new CommitGroup((work) => this.transaction(work));

  /** @param file its path, or IN_MEMORY */
  constructor(private readonly file: string) {}

  /** Why it could not be used the last time; undefined when it could. */
  get problem(): StorageUnavailableError | undefined {
    return this.failure;
  }

  /** Does something with the database. Throws a StorageUnavailableError when it cannot be used. */
  use<T>(work: (database: SqliteDatabase) => T): T {
    try {
      const result = work(this);
      if (this.failure && !this.isOfWriting(this.failure)) this.failure = undefined;
      return result;
    } catch (error) {
      const failure = toStorageError(error);
      if (!failure) throw error;
      this.failure = failure;
      // A full disk and a lock pass by; anything else needs the file to be opened anew.
      if (failure.problem !== 'full' && failure.problem !== 'busy') this.discard();
      throw failure;
    }
  }

  /** Does something whole or not at all. */
  transaction<T>(work: (database: SqliteDatabase) => T): T {
    return this.use(() => {
      const { database } = this.open();
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work(this);
        database.exec('COMMIT');
        this.failure = undefined;
        this.noteCommit();
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /**
   * Does something whole or not at all, together with whatever else is to be written at this moment. Resolves once it is
   * committed.
   *
   * @param work changes nothing but the database, since it may be run again
   */
  write<T>(work: () => T): Promise<T> {
    return this.group.add(work);
  }

  /** A statement, prepared once. To be asked for within `use`, `transaction` or `write`. */
  statement(sql: string): StatementSync {
    const { database, statements } = this.open();
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  /** To be told when something was deleted, so that `scrub` has something to do. */
  noteDeletion(): void {
    this.hasDeleted = true;
  }

  /** Gives freed pages back to the file system, a few at a time. Returns whether there are more. */
  shrink(pages: number): boolean {
    return this.use(() => {
      this.statement(`PRAGMA incremental_vacuum(${pages})`).all();
      return Number(this.statement('PRAGMA freelist_count').get()?.['freelist_count'] ?? 0) > 0;
    });
  }

  /** Resolves when the log is being written into the file no longer, for whom it would be in the way. */
  checkpointed(): Promise<void> {
    return this.checkpointing;
  }

  /** Empties the log, in which what was deleted still stands. Resolves when nothing of it is left. */
  async scrub(): Promise<void> {
    if (!this.hasDeleted) return;
    this.hasDeleted = false;
    await this.current?.checkpointer?.run(true);
  }

  /** The pages that are in use, in bytes. */
  get usedBytes(): number {
    return this.use(() => {
      const read = (name: string): number => Number(this.statement(`PRAGMA ${name}`).get()?.[name] ?? 0);
      return (read('page_count') - read('freelist_count')) * read('page_size');
    });
  }

  async close(): Promise<void> {
    this.group.flush();
    await this.current?.checkpointer?.close();
    this.discard();
  }

  private noteCommit(): void {
    this.commits += 1;
    if (this.commits < COMMITS_PER_CHECKPOINT || this.current?.checkpointer?.isBusy) return;
    this.commits = 0;
    this.checkpointing = this.current?.checkpointer?.run(false) ?? Promise.resolve();
  }

  /** What can be read may still not be written. */
  private isOfWriting({ problem }: StorageUnavailableError): boolean {
    return problem === 'full' || problem === 'read-only';
  }

  private open(): Open {
    if (this.current) return this.current;
    if (this.failure && performance.now() - this.failedAt < REOPEN_AFTER_MS) throw this.failure;
    try {
      if (this.file !== IN_MEMORY) createPrivately(this.file);
      const database = new DatabaseSync(this.file, { timeout: BUSY_TIMEOUT_MS });
      try {
        prepare(database);
      } catch (error) {
        database.close();
        throw error;
      }
      const checkpointer = this.file === IN_MEMORY ? undefined : new Checkpointer(this.file, BUSY_TIMEOUT_MS);
      this.current = { database, statements: new Map(), checkpointer };
      return this.current;
    } catch (error) {
      this.failedAt = performance.now();
      throw error;
    }
  }

  private discard(): void {
    const { current } = this;
    this.current = undefined;
    void current?.checkpointer?.close();
    try {
      current?.database.close();
    } catch {
      // A file that is gone or damaged can also fail to be closed.
    }
  }
}

function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives its other files the mode of this one.
  closeSync(openSync(file, 'a', 0o600));
}

function prepare(database: DatabaseSync): void {
  // Before there are tables, or it has no effect.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON');
  // Checkpoints wait for the disk: those are made elsewhere.
  database.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8000');
  migrate(database);
}
