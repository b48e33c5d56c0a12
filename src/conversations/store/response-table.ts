import type { NewResponse, StoredResponse } from './conversation-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Where a response stands in its conversation. */
export type ResponsePlace = Pick<StoredResponse, 'answerPosition' | 'endPosition' | 'systemPosition' | 'revision'>;

interface ResponseRow {
  readonly number: number;
  readonly id: string;
  readonly conversation: number;
  readonly answer_position: number;
  readonly end_position: number;
  readonly system_position: number;
  readonly revision: number;
  readonly is_named: number;
  readonly document: string;
  readonly private: string | null;
  readonly bytes: number;
}

/** A response and the number of its conversation. */
export interface FoundResponse {
  readonly conversation: number;
  readonly bytes: number;
  readonly response: Omit<StoredResponse, 'conversationId'>;
}

/** The responses of conversations, by the number of the conversation. For use within `use` or a transaction. */
export class ResponseTable {
  constructor(private readonly database: SqliteDatabase) {}

  add(tenant: string, conversation: number, response: NewResponse, place: ResponsePlace): void {
    const { id, isNamed, document, privateDocument } = response;
    this.database
      .statement(
        `INSERT INTO responses (tenant, id, conversation, answer_position, end_position, system_position, revision, is_named,
           document, private, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        tenant,
        id,
        conversation,
        place.answerPosition,
        place.endPosition,
        place.systemPosition,
        place.revision,
        isNamed ? 1 : 0,
        document,
        privateDocument ?? null,
        responseBytes(response),
      );
  }

  find(tenant: string, id: string): FoundResponse | undefined {
    const row = this.database
      .statement('SELECT * FROM responses WHERE tenant = ? AND id = ?')
      .get(tenant, id) as unknown as ResponseRow | undefined;
    return row && toFound(row);
  }

  /** Whether a conversation has any. */
  hasAny(conversation: number): boolean {
    const statement = 'SELECT 1 FROM responses WHERE conversation = ? LIMIT 1';
    return this.database.statement(statement).get(conversation) !== undefined;
  }

  delete(tenant: string, id: string): void {
    this.database.statement('DELETE FROM responses WHERE tenant = ? AND id = ?').run(tenant, id);
    this.database.noteDeletion();
  }

  deleteAll(conversation: number): void {
    const { changes } = this.database.statement('DELETE FROM responses WHERE conversation = ?').run(conversation);
    if (Number(changes) > 0) this.database.noteDeletion();
  }
}

/** How large a response is. */
export function responseBytes({ document, privateDocument = '' }: NewResponse): number {
  return Buffer.byteLength(document) + Buffer.byteLength(privateDocument);
}

function toFound(row: ResponseRow): FoundResponse {
  return {
    conversation: row.conversation,
    bytes: row.bytes,
    response: {
      id: row.id,
      answerPosition: row.answer_position,
      endPosition: row.end_position,
      systemPosition: row.system_position,
      revision: row.revision,
      isNamed: row.is_named === 1,
      document: row.document,
      ...(row.private !== null && { privateDocument: row.private }),
    },
  };
}
