import { BlobTable, type SizedValue } from './blob-table.ts';
import type { ItemKind, ItemRole, NewItem, Page, PageRequest, StoredItem } from './conversation-store.ts';
import { newItemId, positionOf } from './ids.ts';
import { checkPosition, FIRST_POSITION, isSystem, placeOf, placesOf, positionAt } from './item-place.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

interface ItemRow {
  readonly place: number;
  readonly id: string;
  readonly kind: ItemKind;
  readonly role: ItemRole;
  readonly model: string | null;
  readonly content: string;
  readonly blobs: string | null;
}

/** Where the next items of a conversation go: what is said, and system texts. */
export interface NextPositions {
  readonly position: number;
  readonly systemPosition: number;
}

/** An item with its row, as far as it does not depend on the conversation. */
interface PreparedItem {
  readonly item: StoredItem;
  readonly content: SizedValue;
}

/** Items that have their places in a conversation and are not written yet; their large texts are. */
export interface PreparedItems {
  readonly prepared: readonly PreparedItem[];
  /** How large their content is together. */
  readonly bytes: number;
}

/** How many items were removed, and how large their content was together. */
export interface RemovedItems {
  readonly count: number;
  readonly bytes: number;
}

/** A page that would be larger ends earlier: the whole of it is in memory at once. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

const COLUMNS = 'place, id, kind, role, model, content, blobs';

/** The items of conversations, by the number of the conversation. For use within `use` or a transaction. */
export class ItemTable {
  private readonly blobs: BlobTable;

  constructor(private readonly database: SqliteDatabase) {
    this.blobs = new BlobTable(database);
  }

  /** Gives items the next positions of their conversation. Throws a ConversationFullError when there are none left. */
  prepare(tenant: string, items: readonly NewItem[], next: NextPositions): PreparedItems {
    let { position, systemPosition } = next;
    const prepared = items.map((item): PreparedItem => {
      const own = isSystem(item) ? systemPosition++ : position++;
      checkPosition(item, own);
      const stored = { ...item, id: newItemId(item.kind, own), position: own };
      return { item: stored, content: this.blobs.store(tenant, item.content) };
    });
    return { prepared, bytes: prepared.reduce((sum, { content }) => sum + content.bytes, 0) };
  }

  /** Writes items, and returns them. */
  add(conversation: number, { prepared }: PreparedItems): StoredItem[] {
    const insert = this.database.statement(`INSERT INTO items (${COLUMNS}, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    return prepared.map(({ item, content: { json, blobs, bytes } }) => {
      const place = placeOf(conversation, item.position);
      insert.run(place, item.id, item.kind, item.role, item.model ?? null, json, blobs, bytes);
      return item;
    });
  }

  /** The system texts, and everything from a position on. */
  from(conversation: number, position: number): StoredItem[] {
    const between = `SELECT ${COLUMNS} FROM items WHERE place >= ? AND place < ?`;
    const [first, end] = placesOf(conversation);
    if (position <= FIRST_POSITION) return this.all(`${between} ORDER BY place`, first, end);
    return [
      ...this.all(`${between} ORDER BY place`, first, placeOf(conversation, FIRST_POSITION)),
      ...this.all(`${between} ORDER BY place`, placeOf(conversation, position), end),
    ];
  }

  find(conversation: number, id: string): StoredItem | undefined {
    const position = positionOf(id);
    if (position === undefined) return undefined;
    return this.all(`SELECT ${COLUMNS} FROM items WHERE place = ? AND id = ?`, placeOf(conversation, position), id).at(
      0,
    );
  }

  /** Ends at the limit, or where it would be too large; it has one item at least if there is any. */
  page(conversation: number, { after, limit, order }: PageRequest): Page<StoredItem> | undefined {
    let [first, end] = placesOf(conversation);
    if (after !== undefined) {
      const item = this.find(conversation, after);
      if (!item) return undefined;
      const place = placeOf(conversation, item.position);
      if (order === 'asc') first = place + 1;
      else end = place;
    }
    const direction = order === 'asc' ? '' : ' DESC';
    const range = `FROM items WHERE place >= ? AND place < ? ORDER BY place${direction} LIMIT ?`;
    const sizes = this.database.statement(`SELECT bytes ${range}`).all(first, end, limit + 1);
    const count = countWithin(sizes.slice(0, limit).map((row) => Number(row['bytes'])));
    return { data: this.all(`SELECT ${COLUMNS} ${range}`, first, end, count), hasMore: sizes.length > count };
  }

  /** The item that was deleted, and how large its content was; undefined when there is none. */
  delete(conversation: number, id: string): { readonly item: NewItem; readonly bytes: number } | undefined {
    const item = this.find(conversation, id);
    if (!item) return undefined;
    const place = placeOf(conversation, item.position);
    const { bytes } = this.remove(place, place + 1);
    return { item, bytes };
  }

  systemBytes(conversation: number): number {
    const row = this.database
      .statement('SELECT coalesce(sum(bytes), 0) AS bytes FROM items WHERE place >= ? AND place < ?')
      .get(placeOf(conversation, 0), placeOf(conversation, FIRST_POSITION));
    return Number(row?.['bytes'] ?? 0);
  }

  deleteSystem(conversation: number): RemovedItems {
    return this.remove(placeOf(conversation, 0), placeOf(conversation, FIRST_POSITION));
  }

  deleteAll(conversation: number): void {
    this.remove(...placesOf(conversation));
  }

  private remove(first: number, end: number): RemovedItems {
    const rows = this.database
      .statement('DELETE FROM items WHERE place >= ? AND place < ? RETURNING blobs, bytes')
      .all(first, end);
    for (const row of rows) this.blobs.release(row['blobs'] as string | null);
    if (rows.length > 0) this.database.noteDeletion();
    return { count: rows.length, bytes: rows.reduce((sum, row) => sum + Number(row['bytes']), 0) };
  }

  nextSystemPosition(conversation: number): number {
    const last = this.database
      .statement('SELECT max(place) AS place FROM items WHERE place >= ? AND place < ?')
      .get(placeOf(conversation, 0), placeOf(conversation, FIRST_POSITION));
    return last?.['place'] === null || last === undefined ? 0 : positionAt(Number(last['place'])) + 1;
  }

  private all(sql: string, ...values: (number | string)[]): StoredItem[] {
    return this.database
      .statement(sql)
      .all(...values)
      .map((row) => this.toItem(row as unknown as ItemRow));
  }

  private toItem({ place, id, kind, role, model, content, blobs }: ItemRow): StoredItem {
    return {
      id,
      position: positionAt(place),
      kind,
      role,
      content: this.blobs.read({ json: content, blobs }) as StoredItem['content'],
      ...(model !== null && { model }),
    };
  }
}

/** How many items, of these sizes, a page has. */
function countWithin(sizes: readonly number[]): number {
  let total = 0;
  const end = sizes.findIndex((bytes, index) => (total += bytes) > MAX_PAGE_BYTES && index > 0);
  return end === -1 ? sizes.length : end;
}
