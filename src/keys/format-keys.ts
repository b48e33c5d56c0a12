import type { KeyPolicyEntry } from '../config/key-entry.ts';

/** The printable data of a key: without the key and its digest. */
export interface ListedKey extends KeyPolicyEntry {
  readonly name: string;
  /** ISO 8601; null for a key of the settings, which have no date. */
  readonly created_at: string | null;
  readonly source: 'keys file' | 'settings';
}

const COLUMNS: readonly [title: string, value: (key: ListedKey) => string | number | undefined][] = [
  ['NAME', ({ name }) => name],
  ['CREATED', ({ created_at: created }) => created?.slice(0, 10)],
  ['MODELS', ({ models }) => models?.join(',') ?? 'all'],
  ['REQUESTS/MIN', (key) => key.requests_per_minute],
  ['TOKENS/MIN', (key) => key.tokens_per_minute],
  ['SIMULTANEOUS', (key) => key.max_simultaneous],
  ['USD/DAY', (key) => key.daily_cost_usd],
  ['AGENT', ({ agent }) => (agent ? 'yes' : 'no')],
  ['ADMIN', ({ admin }) => (admin ? 'yes' : 'no')],
  ['SOURCE', ({ source }) => source],
];

/** A table for people; `-` means unlimited or unknown. */
export function formatKeys(keys: readonly ListedKey[]): string {
  const widths = COLUMNS.map(([title]) => title.length);
  for (const key of keys) {
    for (const [index, [, value]] of COLUMNS.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, toCell(value(key)).length);
    }
  }
  let table = formatRow(widths, ([title]) => title);
  for (const key of keys) table += formatRow(widths, ([, value]) => toCell(value(key)));
  return table;
}

function formatRow(widths: readonly number[], cellOf: (column: (typeof COLUMNS)[number]) => string): string {
  let row = '';
  for (const [index, column] of COLUMNS.entries()) row += `${cellOf(column).padEnd(widths[index] ?? 0)}  `;
  return `${row.trimEnd()}\n`;
}

function toCell(value: string | number | undefined): string {
  return String(value ?? '-');
}
