import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directory of this package, compiled or installed: the nearest parent with a package.json. */
export function packageDirectory(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'package.json')) && directory !== dirname(directory))
    directory = dirname(directory);
  return directory;
}
