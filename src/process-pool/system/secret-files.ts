import { realpathSync } from 'node:fs';
import { join } from 'node:path';

export interface SecretPlaces {
  /** Conversations, keys, costs and the record of processes. */
  readonly storage: string;
  /** Contains the working directories of processes and the configuration of MCP servers. */
  readonly run: string;
  readonly configuration: string;
  /** Further secret files. */
  readonly files: readonly string[];
}

/**
 * Patterns of the service's secret files, with links resolved as the CLI resolves them. Excludes the working directories.
 */
export function secretFiles({ storage, run, configuration, files }: SecretPlaces): string[] {
  const patterns = [
    ...['*.json*', '*.db*', '*.lock*', '*.pid'].map((pattern) => join(literal(storage), pattern)),
    join(literal(run), '*.json'),
    join(literal(configuration), '**'),
    ...files.map(literal),
  ];
  return [...new Set(patterns)];
}

/** Escapes a path so that the pattern matches nothing else. */
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
