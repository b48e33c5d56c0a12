import type { KeyEntry } from '../config/key-entry.ts';
import { keyConflict } from '../config/key-conflict.ts';
import { KeysFileError, readKeysFile } from '../config/keys-file.ts';
import { buildKeyTable, namesWithout, type KeyTable } from './key-table.ts';

export interface KeysSource {
  /** The keys file. */
  readonly file: string;
  /** The keys of the settings. */
  readonly configured: readonly KeyEntry[];
  /** See `KeyTable`. */
  readonly blind: Uint8Array;
  /** The previous keys, for the report of changes. */
  readonly before?: KeyTable;
}

export interface LoadedKeys {
  readonly table: KeyTable;
  readonly isFileThere: boolean;
  /** Names for the log: the first few, and the number of the others. */
  readonly added: readonly string[];
  readonly revoked: readonly string[];
}

const NAMES_TOLD = 100;

/** All keys to put in force. Throws KeysFileError. */
export function loadKeys({ file, configured, blind, before }: KeysSource): LoadedKeys {
  const stored = readKeysFile(file);
  const keys = [...configured, ...(stored ?? [])].map(withoutDate);
  const conflict = keyConflict(keys);
  if (conflict !== undefined) throw new KeysFileError(file, `has, together with the settings, ${conflict}`);
  const table = buildKeyTable(keys, blind);
  return {
    table,
    isFileThere: stored !== undefined,
    added: firstOf(before ? namesWithout(table, before) : []),
    revoked: firstOf(before ? namesWithout(before, table) : []),
  };
}

function withoutDate({ created_at: _createdAt, ...key }: KeyEntry & { created_at?: string }): KeyEntry {
  return key;
}

function firstOf(names: readonly string[]): readonly string[] {
  const more = names.length - NAMES_TOLD;
  return more > 0 ? [...names.slice(0, NAMES_TOLD), `and ${more} more`] : names;
}
