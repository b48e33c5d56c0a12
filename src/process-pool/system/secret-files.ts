import { realpathSync } from 'node:fs';
import { join } from 'node:path';

export interface SecretPlaces {
  /** Conversations, keys, costs and the record of processes. */
  readonly storage: string;
  /** The configuration of MCP servers stands here beside the working directories of processes. */
  readonly run: string;
  readonly configuration: string;
  /** Further files. */
  readonly files: readonly string[];
}

/** Patterns of what the service keeps for itself, by the paths that the CLI sees: without links. Working directories are not in it. */
export function secretFiles({ storage, run, configuration, files }: SecretPlaces): string[] {
  const patterns = [
    ...['*.json*', '*.db*', '*.lock*', '*.pid'].map((pattern) => join(literal(storage), pattern)),
    join(literal(run), '*.json'),
    join(literal(configuration), '**'),
    ...files.map(literal),
  ];
  return [...new Set(patterns)];
}

/** A path as a pattern that matches nothing else. */
function literal(path: string): string {
  return realPath(path).replaceAll(/[\\*?[\]!]/g, '\\$&');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
