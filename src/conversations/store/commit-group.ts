import { StorageUnavailableError } from './storage-unavailable-error.ts';

interface Waiting {
  readonly run: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs synchronous work atomically. */
export type RunTransaction = <T>(work: () => T) => T;

/**
 * Joins simultaneous writes in one transaction, because a commit costs as much as several writes. A write resolves after the
 * commit; a write that fails does not affect the others.
 */
export class CommitGroup {
  private waiting: Waiting[] = [];

  constructor(private readonly transaction: RunTransaction) {}

  /** @param work changes nothing but the database, so that it can be run again after a rollback */
  add<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run: work, resolve: resolve as Waiting['resolve'], reject });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Writes what waits now. */
  flush(): void {
    const group = this.waiting;
    this.waiting = [];
    if (group.length === 0) return;
    try {
      const results = this.transaction(() => group.map(({ run }) => run()));
      for (const [index, { resolve }] of group.entries()) resolve(results[index]);
    } catch (error) {
      // Storage that cannot be used is so for all of them; a full one may still take the smaller ones.
      const isOfAll = error instanceof StorageUnavailableError && error.problem !== 'full';
      if (group.length === 1 || isOfAll) for (const { reject } of group) reject(error);
      else for (const alone of group) this.runAlone(alone);
    }
  }

  private runAlone({ run, resolve, reject }: Waiting): void {
    try {
      resolve(this.transaction(run));
    } catch (error) {
      reject(error);
    }
  }
}
