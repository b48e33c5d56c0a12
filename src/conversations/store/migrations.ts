import type { DatabaseSync } from 'node:sqlite';
import { StorageUnavailableError } from './storage-unavailable-error.ts';

/** Each brings the database from the version that is its place in this list to the next. Never changed, only added to. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    model TEXT,
    head TEXT,
    history_start INTEGER NOT NULL DEFAULT 0,
    dropped_messages INTEGER NOT NULL DEFAULT 0,
    next_position INTEGER NOT NULL,
    message_count INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    cached_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0
  );
  CREATE UNIQUE INDEX conversations_by_id ON conversations (tenant, id);
  CREATE INDEX conversations_by_age ON conversations (tenant, number);
  CREATE INDEX conversations_by_use ON conversations (updated_at);

  CREATE TABLE items (
    -- The number of the conversation and the position in it in one (item-place.ts): a conversation lies together.
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT,
    content TEXT NOT NULL,
    -- Where in the content which texts of the table blobs stand, as JSON; null for none.
    blobs TEXT
  );

  -- Large texts, pictures above all, once for each tenant.
  CREATE TABLE blobs (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    digest BLOB NOT NULL,
    uses INTEGER NOT NULL,
    value TEXT NOT NULL
  );
  CREATE UNIQUE INDEX blobs_by_digest ON blobs (tenant, digest);
  `,
  `
  -- How large the content is when it is read, large texts included; of a conversation that of all its items.
  ALTER TABLE items ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  UPDATE items SET bytes = octet_length(content) + coalesce(
    (SELECT sum(octet_length(blobs.value)) FROM json_each(items.blobs) AS reference
     JOIN blobs ON blobs.number = json_extract(reference.value, '$[1]')), 0);
  UPDATE conversations SET bytes = coalesce(
    (SELECT sum(bytes) FROM items
     WHERE place >= conversations.number * 1048576 AND place < (conversations.number + 1) * 1048576), 0);
  `,
  `
  -- Responses that others can go on from: each is a point of its conversation, and goes with it.
  CREATE TABLE responses (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation INTEGER NOT NULL,
    -- The positions of the first item of the answer, of the one after its last, and of the one after the last system text.
    answer_position INTEGER NOT NULL,
    end_position INTEGER NOT NULL,
    system_position INTEGER NOT NULL,
    -- That of the conversation once the response was stored.
    revision INTEGER NOT NULL,
    is_named INTEGER NOT NULL,
    document TEXT NOT NULL,
    private TEXT,
    bytes INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX responses_by_id ON responses (tenant, id);
  CREATE INDEX responses_by_conversation ON responses (conversation);
  `,
];

/** Brings a database to the newest version. One that a later version of this service has written is not touched. */
export function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new StorageUnavailableError('unusable', {
      cause: new Error(`the file has version ${version}, this service knows ${MIGRATIONS.length}`),
    });
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
