import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { keySchema } from './key-schema.ts';

const { name, sha256, ...policy } = keySchema.shape;
const entrySchema = z.strictObject({ name, sha256, created_at: z.iso.datetime(), ...policy });
const fileSchema = z.strictObject({ version: z.literal(1), keys: z.array(entrySchema) });

/** A key as it stands in the keys file: its digest, never itself. */
export type StoredKey = z.output<typeof entrySchema>;

/** The keys file cannot be used. The message names the file and what is wrong, and nothing that stands in it. */
export class KeysFileError extends Error {
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.name = 'KeysFileError';
  }
}

/** Where the keys file is: `auth.keys_file`, else keys.json below `storage.path`. */
export function keysFilePath(keysFile: string | undefined, storagePath: string): string {
  return resolve(keysFile ?? join(storagePath, 'keys.json'));
}

/** The keys that `ccapi keys` has made; undefined when there is no such file. Throws KeysFileError. */
export function readKeysFile(file: string): readonly StoredKey[] | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const parsed = fileSchema.safeParse(parseJson(file, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new KeysFileError(file, `is not as expected at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { keys } = parsed.data;
  const names = keys.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new KeysFileError(file, `has the name ${repeated} twice`);
  return keys;
}

/** The text of a keys file. */
export function formatKeysFile(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ version: 1, keys }, null, 2)}\n`;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeysFileError(file, `cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own words quote the text.
    throw new KeysFileError(file, 'is not JSON');
  }
}
