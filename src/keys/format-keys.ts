import type { KeyPolicyEntry } from '../config/key-schema.ts';

/** A key as it may be shown: without the key and its digest. */
export interface ListedKey extends KeyPolicyEntry {
  readonly name: string;
  /** ISO 8601; null for a key of the settings, which do not tell. */
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
  ['SOURCE', ({ source }) => source],
];

/** A table for people; `-` stands for what is not bounded or not known. */
export function formatKeys(keys: readonly ListedKey[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...keys.map((key) => COLUMNS.map(([, value]) => String(value(key) ?? '-'))),
  ];
  const widths = COLUMNS.map((_column, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
