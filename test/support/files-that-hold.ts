import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files below a directory that hold some words. Throws where there is no file at all. */
export function filesThatHold(directory: string, words: string): string[] {
  const entries = [...readdirSync(directory, { recursive: true, withFileTypes: true })];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) throw new Error(`no file in ${directory}`);
  return files.filter((file) => holds(file, words));
}

function holds(file: string, words: string): boolean {
  try {
    return readFileSync(file).includes(words);
  } catch (error) {
    // Files of processes come and go meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
