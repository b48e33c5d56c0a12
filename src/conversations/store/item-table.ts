import { BlobTable } from './blob-table.ts';
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

const COLUMNS = 'place, id, kind, role, model, content, blobs';

/** The items of conversations, by the number of the conversation. For use within `use` or a transaction. */
export class ItemTable {
  private readonly blobs: BlobTable;

  constructor(private readonly database: SqliteDatabase) {
    this.blobs = new BlobTable(database);
  }

  /** Adds items at the next positions of their conversation. Throws a ConversationFullError when there are none left. */
  add(tenant: string, conversation: number, items: readonly NewItem[], next: NextPositions): StoredItem[] {
    let { position, systemPosition } = next;
    return items.map((item) => {
      const own = isSystem(item) ? systemPosition++ : position++;
      checkPosition(item, own);
      const stored = { ...item, id: newItemId(item.kind, own), position: own };
      const { json, blobs } = this.blobs.store(tenant, item.content);
      this.database
        .statement(`INSERT INTO items (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`)
        .run(placeOf(conversation, own), stored.id, item.kind, item.role, item.model ?? null, json, blobs);
      return stored;
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
    const items = this.all(
      `SELECT ${COLUMNS} FROM items WHERE place >= ? AND place < ? ORDER BY place${direction} LIMIT ?`,
      first,
      end,
      limit + 1,
    );
    return { data: items.slice(0, limit), hasMore: items.length > limit };
  }

  /** The item that was deleted; undefined when there is none. */
  delete(conversation: number, id: string): NewItem | undefined {
    const item = this.find(conversation, id);
    if (!item) return undefined;
    const place = placeOf(conversation, item.position);
    this.remove(place, place + 1);
    return item;
  }

  /** Returns how many there were. */
  deleteSystem(conversation: number): number {
    return this.remove(placeOf(conversation, 0), placeOf(conversation, FIRST_POSITION));
  }

  deleteAll(conversation: number): void {
    this.remove(...placesOf(conversation));
  }

  private remove(first: number, end: number): number {
    const rows = this.database
      .statement('DELETE FROM items WHERE place >= ? AND place < ? RETURNING blobs')
      .all(first, end);
    for (const row of rows) this.blobs.release(row['blobs'] as string | null);
    if (rows.length > 0) this.database.noteDeletion();
    return rows.length;
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
