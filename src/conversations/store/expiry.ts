import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqliteConversationStore } from './sqlite-conversation-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** How many are looked up at once, and for how long they are deleted before everything else has its turn. */
const BATCH = 64;
const BUDGET_MS = 2;
/** Pages that are given back at once. */
const PAGES = 16;

/**
 * Deletes what has expired, in pieces between which everything else has its turn, gives the room back and empties the
 * log, which still holds it. Resolves with how many there were.
 */
export async function deleteExpired(
  store: SqliteConversationStore,
  database: SqliteDatabase,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  let numbers: number[] = [];
  while (!signal.aborted) {
    if (numbers.length === 0) numbers = store.expired(BATCH);
    if (numbers.length === 0) break;
    const done = store.deleteNumbers(numbers, BUDGET_MS);
    numbers = numbers.slice(done);
    deleted += done;
    await database.checkpointed();
    await nextTurn();
  }
  if (deleted === 0) return 0;
  while (!signal.aborted && database.shrink(PAGES)) {
    await database.checkpointed();
    await nextTurn();
  }
  if (!signal.aborted) await database.scrub();
  return deleted;
}
