import { hash } from 'node:crypto';
import { lighten, restore, storedBytes, type TextPath } from './large-texts.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** A value as it stands in a row: JSON, and where which large texts belong in it. */
export interface StoredValue {
  readonly json: string;
  /** JSON of [path, number of the blob] pairs; null when there are none. */
  readonly blobs: string | null;
}

export interface SizedValue extends StoredValue {
  /** How large the value is when it is read. */
  readonly bytes: number;
}

type Reference = readonly [path: TextPath, blob: number];

/** Keeps large texts once for each tenant, as long as something refers to them. For use within a transaction. */
export class BlobTable {
  constructor(private readonly database: SqliteDatabase) {}

  store(tenant: string, value: unknown): SizedValue {
    const lightened = lighten(value);
    const { json, texts } = lightened;
    const bytes = storedBytes(lightened);
    if (texts.length === 0) return { json, blobs: null, bytes };
    const references = texts.map(({ path, text }): Reference => [path, this.add(tenant, text)]);
    return { json, blobs: JSON.stringify(references), bytes };
  }

  read({ json, blobs }: StoredValue): unknown {
    if (blobs === null) return JSON.parse(json);
    const texts = references(blobs).map(([path, number]) => ({ path, text: this.text(number) }));
    return restore(json, texts);
  }

  /** To be called with the `blobs` of a row that is deleted. */
  release(blobs: string | null): void {
    if (blobs === null) return;
    for (const [, number] of references(blobs)) {
      this.database.statement('UPDATE blobs SET uses = uses - 1 WHERE number = ?').run(number);
      this.database.statement('DELETE FROM blobs WHERE number = ? AND uses = 0').run(number);
    }
  }

  private add(tenant: string, text: string): number {
    const digest = hash('sha256', text, 'buffer');
    const row = this.database
      .statement(
        `INSERT INTO blobs (tenant, digest, uses, value) VALUES (?, ?, 1, ?)
         ON CONFLICT (tenant, digest) DO UPDATE SET uses = uses + 1 RETURNING number`,
      )
      .get(tenant, digest, text);
    return Number(row?.['number']);
  }

  private text(number: number): string {
    return String(this.database.statement('SELECT value FROM blobs WHERE number = ?').get(number)?.['value'] ?? '');
  }
}

function references(blobs: string): Reference[] {
  return JSON.parse(blobs) as Reference[];
}
