import {
  changedValues,
  CHANGING_COLUMNS,
  EMPTY_VALUES,
  toParameters,
  toRecord,
  type ConversationRow,
} from './conversation-row.ts';
import type {
  ChangedConversation,
  ConversationChange,
  ConversationRecord,
  ConversationStore,
  Page,
  PageRequest,
  StoredItem,
  StoredResponse,
} from './conversation-store.ts';
import { ItemTable } from './item-table.ts';
import { responseBytes, ResponseTable } from './response-table.ts';
import { assertRoom, MEGABYTE, tooLarge } from './room.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Above every number of a conversation. */
const ABOVE_ALL = Number.MAX_SAFE_INTEGER;

const INSERT = `INSERT INTO conversations (tenant, id, created_at, ${CHANGING_COLUMNS.join(', ')})
  VALUES (?, ?, ?, ${CHANGING_COLUMNS.map(() => '?').join(', ')})`;
const UPDATE = `UPDATE conversations SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE number = ?`;

export interface SqliteConversationStoreOptions {
  /** The lifetime of a conversation after its last change. */
  readonly timeoutMs: number;
  /** The time, in milliseconds. */
  readonly now?: () => number;
  /** The delay between expiry and deletion, during which a turn may still run. */
  readonly graceMs?: number;
  /** How large the content of one conversation can be. */
  readonly maxConversationMegabytes?: number;
}

/** Conversations in SQLite. Every statement names the tenant, or a row that was found by the tenant. */
export class SqliteConversationStore implements ConversationStore {
  private readonly itemTable: ItemTable;
  private readonly responseTable: ResponseTable;
  private readonly now: () => number;

  constructor(
    private readonly database: SqliteDatabase,
    private readonly options: SqliteConversationStoreOptions,
  ) {
    this.itemTable = new ItemTable(database);
    this.responseTable = new ResponseTable(database);
    this.now = options.now ?? Date.now;
  }

  async create(tenant: string, id: string, change: ConversationChange): Promise<ChangedConversation> {
    return this.database.write(() => {
      const now = this.now();
      const next = { position: EMPTY_VALUES.next_position, systemPosition: 0 };
      const added = this.itemTable.prepare(tenant, change.items ?? [], next);
      const itemsChange = { addedBytes: added.bytes + bytesOfResponse(change), replaced: { count: 0, bytes: 0 } };
      const values = changedValues(EMPTY_VALUES, change, now, itemsChange);
      if (!change.isAdmitted) this.checkSize(EMPTY_VALUES.bytes, values.bytes);
      const { lastInsertRowid } = this.database.statement(INSERT).run(tenant, id, now, ...toParameters(values));
      const number = Number(lastInsertRowid);
      const items = this.itemTable.add(number, added);
      this.addResponse(tenant, number, change, values);
      return { record: toRecord({ id, created_at: now, ...values }), items };
    });
  }

  async get(tenant: string, id: string): Promise<ConversationRecord | undefined> {
    return this.database.use(() => {
      const row = this.row(tenant, id);
      return row && toRecord(row);
    });
  }

  async assertRoom(
    { items = [], replacesSystem = false }: ConversationChange,
    conversation?: { readonly tenant: string; readonly id: string },
  ): Promise<void> {
    const { maxBytes } = this;
    const empty = { bytes: 0, maxBytes, nextPosition: EMPTY_VALUES.next_position, nextSystemPosition: 0 };
    if (!conversation) return assertRoom(items, empty);
    this.database.use(() => {
      const row = this.row(conversation.tenant, conversation.id, true);
      if (!row) return;
      assertRoom(items, {
        bytes: row.bytes - (replacesSystem ? this.itemTable.systemBytes(row.number) : 0),
        maxBytes,
        nextPosition: row.next_position,
        nextSystemPosition: replacesSystem ? 0 : this.itemTable.nextSystemPosition(row.number),
      });
    });
  }

  async list(tenant: string, { after, limit, order }: PageRequest): Promise<Page<ConversationRecord> | undefined> {
    return this.database.use(() => {
      let start = order === 'asc' ? 0 : ABOVE_ALL;
      if (after !== undefined) {
        const row = this.row(tenant, after);
        if (!row) return undefined;
        start = row.number;
      }
      const range = order === 'asc' ? '> ? ORDER BY number' : '< ? ORDER BY number DESC';
      const rows = this.database
        .statement(`SELECT * FROM conversations WHERE tenant = ? AND updated_at > ? AND number ${range} LIMIT ?`)
        .all(tenant, this.oldest, start, limit + 1) as unknown as ConversationRow[];
      return { data: rows.slice(0, limit).map(toRecord), hasMore: rows.length > limit };
    });
  }

  async change(tenant: string, id: string, change: ConversationChange): Promise<ChangedConversation | undefined> {
    return this.database.write(() => {
      // A turn may have begun before the conversation expired.
      const row = this.row(tenant, id, true);
      return row && this.apply(tenant, row, change);
    });
  }

  async delete(tenant: string, id: string): Promise<boolean> {
    return this.database.write(() => {
      const row = this.row(tenant, id);
      if (row) this.remove(row.number);
      return row !== undefined;
    });
  }

  async history(tenant: string, id: string, from: number): Promise<StoredItem[]> {
    return this.database.use(() => {
      const row = this.row(tenant, id, true);
      return row ? this.itemTable.from(row.number, from) : [];
    });
  }

  async items(tenant: string, id: string, page: PageRequest): Promise<Page<StoredItem> | undefined> {
    return this.database.use(() => {
      const row = this.row(tenant, id);
      return row && this.itemTable.page(row.number, page);
    });
  }

  async item(tenant: string, id: string, itemId: string): Promise<StoredItem | undefined> {
    return this.database.use(() => {
      const row = this.row(tenant, id);
      return row && this.itemTable.find(row.number, itemId);
    });
  }

  async deleteItem(tenant: string, id: string, itemId: string): Promise<boolean> {
    return this.database.write(() => {
      const row = this.row(tenant, id);
      const deleted = row && this.itemTable.delete(row.number, itemId);
      if (!deleted) return false;
      this.database
        .statement(
          `UPDATE conversations SET revision = revision + 1, updated_at = ?, head = NULL, message_count = message_count - ?,
             bytes = bytes - ? WHERE number = ?`,
        )
        .run(this.now(), deleted.item.kind === 'message' ? 1 : 0, deleted.bytes, row.number);
      return true;
    });
  }

  async response(tenant: string, id: string): Promise<StoredResponse | undefined> {
    return this.database.use(() => {
      const found = this.responseTable.find(tenant, id);
      const row = found && this.rowOf(found.conversation);
      return row && { ...found.response, conversationId: row.id };
    });
  }

  async deleteResponse(tenant: string, id: string): Promise<boolean> {
    return this.database.write(() => {
      const found = this.responseTable.find(tenant, id);
      const row = found && this.rowOf(found.conversation);
      if (!row) return false;
      this.responseTable.delete(tenant, id);
      const isNeeded = found.response.isNamed || this.responseTable.hasAny(row.number);
      if (!isNeeded) this.remove(row.number);
      else
        this.database
          .statement('UPDATE conversations SET bytes = bytes - ? WHERE number = ?')
          .run(found.bytes, row.number);
      return true;
    });
  }

  /** Those that have expired, longest ago first. */
  expired(limit: number): number[] {
    return this.database.use(() =>
      this.database
        .statement('SELECT number FROM conversations WHERE updated_at <= ? ORDER BY updated_at LIMIT ?')
        .all(this.oldest - (this.options.graceMs ?? 0), limit)
        .map((row) => Number(row['number'])),
    );
  }

  /** The one that was used least recently of the tenant that holds the most, expired or not. */
  leastRecentOfLargest(measure: 'conversations' | 'bytes'): number | undefined {
    const most = measure === 'bytes' ? 'sum(bytes)' : 'count(*)';
    return this.database.use(() => {
      const row = this.database
        .statement(
          `SELECT number FROM conversations WHERE tenant =
             (SELECT tenant FROM conversations GROUP BY tenant ORDER BY ${most} DESC, min(updated_at) LIMIT 1)
           ORDER BY updated_at LIMIT 1`,
        )
        .get();
      return row && Number(row['number']);
    });
  }

  /** Deletes the first of these numbers, in one transaction, until the time is over; at least one. Returns how many. */
  deleteNumbers(numbers: readonly number[], budgetMs = Number.POSITIVE_INFINITY): number {
    return this.database.transaction(() => {
      const deadline = performance.now() + budgetMs;
      let deleted = 0;
      for (const number of numbers) {
        this.remove(number);
        deleted += 1;
        if (performance.now() >= deadline) break;
      }
      return deleted;
    });
  }

  get count(): number {
    return this.database.use(() =>
      Number(this.database.statement('SELECT count(*) AS count FROM conversations').get()?.['count']),
    );
  }

  private get oldest(): number {
    return this.now() - this.options.timeoutMs;
  }

  private row(tenant: string, id: string, includesExpired = false): ConversationRow | undefined {
    return this.database
      .statement('SELECT * FROM conversations WHERE tenant = ? AND id = ? AND updated_at > ?')
      .get(tenant, id, includesExpired ? 0 : this.oldest) as unknown as ConversationRow | undefined;
  }

  private rowOf(number: number): ConversationRow | undefined {
    return this.database
      .statement('SELECT * FROM conversations WHERE number = ? AND updated_at > ?')
      .get(number, this.oldest) as unknown as ConversationRow | undefined;
  }

  private apply(tenant: string, row: ConversationRow, change: ConversationChange): ChangedConversation {
    const { number, next_position: position } = row;
    const replaced = change.replacesSystem ? this.itemTable.deleteSystem(number) : { count: 0, bytes: 0 };
    const systemPosition = this.itemTable.nextSystemPosition(number);
    const added = this.itemTable.prepare(tenant, change.items ?? [], { position, systemPosition });
    const addedBytes = added.bytes + bytesOfResponse(change);
    const values = changedValues(row, change, this.now(), { addedBytes, replaced });
    if (!change.isAdmitted) this.checkSize(row.bytes, values.bytes);
    this.database.statement(UPDATE).run(...toParameters(values), number);
    const items = this.itemTable.add(number, added);
    this.addResponse(tenant, number, change, values);
    return { record: toRecord({ ...row, ...values }), items };
  }

  private addResponse(
    tenant: string,
    number: number,
    { response }: ConversationChange,
    { next_position: endPosition, revision }: Pick<ConversationRow, 'next_position' | 'revision'>,
  ): void {
    if (!response) return;
    this.responseTable.add(tenant, number, response, {
      answerPosition: endPosition - response.answerItems,
      endPosition,
      systemPosition: this.itemTable.nextSystemPosition(number),
      revision,
    });
  }

  /** One that is too large already can still become smaller. */
  private checkSize(before: number, bytes: number): void {
    if (bytes > before && bytes > this.maxBytes) throw tooLarge(this.maxBytes);
  }

  private get maxBytes(): number {
    return (this.options.maxConversationMegabytes ?? Number.POSITIVE_INFINITY) * MEGABYTE;
  }

  private remove(number: number): void {
    this.itemTable.deleteAll(number);
    this.responseTable.deleteAll(number);
    this.database.statement('DELETE FROM conversations WHERE number = ?').run(number);
  }
}

function bytesOfResponse({ response }: ConversationChange): number {
  return response ? responseBytes(response) : 0;
}
