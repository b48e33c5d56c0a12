import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Equals, IsArray } from 'class-validator';
import { keyConflict } from './key-conflict.ts';
import { StoredKey } from './key-entry.ts';
import { isTable, readObject } from './read-object.ts';

/** Enough for some 300,000 keys. */
const MAX_MEGABYTES = 64;
const MAX_BYTES = MAX_MEGABYTES * 1024 * 1024;
const FIRST_READ_BYTES = 64 * 1024;

/** The structure of the file. Each key is parsed separately: all at once would need several times the memory. */
class KeysFile {
  @Equals(1, { message: 'must be 1' }) readonly version!: number;
  @IsArray({ message: 'must be a list' }) readonly keys!: readonly unknown[];
}

/** The keys file is unusable. The message has the file's path and the problem, and no content but names of keys. */
export class KeysFileError extends Error {
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.name = 'KeysFileError';
  }
}

/** The path of the keys file: `auth.keys_file`, else keys.json below `storage.path`. */
export function keysFilePath(keysFile: string | undefined, storagePath: string): string {
  return resolve(keysFile ?? join(storagePath, 'keys.json'));
}

/**
 * The keys that `ccapi keys` has created; undefined without the file. Takes seconds for 200,000 keys, so a running service
 * calls it on a worker thread. Throws KeysFileError.
 */
export function readKeysFile(file: string): readonly StoredKey[] | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const content = readTable(file, KeysFile, parseJson(file, text));
  const keys = content.keys.map((key, index) => readTable(file, StoredKey, key, ['keys', String(index)]));
  const conflict = keyConflict(keys);
  if (conflict !== undefined) throw new KeysFileError(file, `has ${conflict}`);
  return keys;
}

function readTable<T extends object>(
  file: string,
  Class: new () => T,
  value: unknown,
  place: readonly string[] = [],
): T {
  const { object, problems } = isTable(value)
    ? readObject(Class, value)
    : { object: new Class(), problems: [{ path: [], words: 'must be an object' }] };
  const [problem] = problems;
  if (problem === undefined) return object;
  const path = [...place, ...problem.path].join('.').replaceAll(/\p{Cc}/gu, '?');
  throw new KeysFileError(file, `is not as expected at ${path}: ${problem.words}`);
}

/** The text of a keys file: JSON with one key per line. */
export function formatKeysFile(keys: readonly StoredKey[]): string {
  const lines = keys.map(({ name, sha256, ...rest }) => JSON.stringify({ name, sha256, ...rest })).join(',\n');
  return keys.length === 0 ? '{"version":1,"keys":[]}\n' : `{"version":1,"keys":[\n${lines}\n]}\n`;
}

function readText(file: string): string | undefined {
  let descriptor: number;
  try {
    // Opening a pipe without a writer would block.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cannotRead(file, error);
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new KeysFileError(file, 'is not a regular file');
    return readBounded(file, descriptor);
  } catch (error) {
    throw error instanceof KeysFileError ? error : cannotRead(file, error);
  } finally {
    closeSync(descriptor);
  }
}

function readBounded(file: string, descriptor: number): string {
  let buffer = Buffer.allocUnsafe(Math.min(Math.max(fstatSync(descriptor).size, FIRST_READ_BYTES), MAX_BYTES) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.toString('utf8', 0, length);
    length += read;
    if (length > MAX_BYTES) throw new KeysFileError(file, `is larger than ${MAX_MEGABYTES} MB`);
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(length * 2, MAX_BYTES + 1));
  }
}

function cannotRead(file: string, error: unknown): KeysFileError {
  return new KeysFileError(file, `cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the text.
    throw new KeysFileError(file, 'is not JSON');
  }
}
