import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * Writes the log of the database into its file, which waits for the disk: on a thread of its own, so that nobody else
 * waits. Asked by a mode of https://sqlite.org/pragma.html#pragma_wal_checkpoint, answers once it has tried.
 */

const { file, timeoutMs } = workerData as { file: string; timeoutMs: number };
let database: DatabaseSync | undefined;

parentPort?.on('message', (mode: 'PASSIVE' | 'TRUNCATE') => {
  try {
    database ??= new DatabaseSync(file, { timeout: timeoutMs });
    // The first holds nobody up; it leaves little to the second, which does.
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    if (mode === 'TRUNCATE') database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Whatever is wrong with the file is met, and told, where it is used.
    database?.close();
    database = undefined;
  }
  parentPort?.postMessage('done', []);
});
