import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * Writes the log of the database into its file. This waits for the disk, so it runs on a thread of its own. A message is a mode
 * of https://sqlite.org/pragma.html#pragma_wal_checkpoint; the reply follows the attempt.
 */

const { file, timeoutMs } = workerData as { file: string; timeoutMs: number };
let database: DatabaseSync | undefined;

parentPort?.on('message', (mode: 'PASSIVE' | 'TRUNCATE') => {
  try {
    database ??= new DatabaseSync(file, { timeout: timeoutMs });
    // The first mode blocks no writer and leaves little work to the second, which does.
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    if (mode === 'TRUNCATE') database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The next use of the file reports what is wrong with it.
    database?.close();
    database = undefined;
  }
  parentPort?.postMessage('done', []);
});
