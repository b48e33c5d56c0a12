import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

export interface KnownPlaces {
  /** The home directory of the service's user, if it has one. */
  readonly home: string | undefined;
  /** `storage.path`. */
  readonly storage: string;
  /** Files with keys or credentials. */
  readonly files: readonly string[];
}

/** Where systems keep credentials and process information. */
const SYSTEM_PLACES = ['/etc', '/proc', '/sys', '/dev', '/run', '/var/run', '/root', '/boot'];
/** Where programs keep credentials, below a home directory. */
const HIDDEN = /^\.[^/]+/;

/** The secret places that a directory exposes, in words; follows links. */
export function exposedPlaces(directory: string, { storage, files, ...known }: KnownPlaces): string[] {
  const real = realPath(directory);
  if (real === sep) return ['the whole file system'];
  const home = known.home === '' || known.home === sep ? undefined : known.home;
  const places: [name: string, path: string][] = [
    ...SYSTEM_PLACES.map((place): [string, string] => [place, place]),
    ...(home === undefined ? [] : [['the home directory', home] as [string, string]]),
    ['storage.path', storage],
    ...files.map((file): [string, string] => [file, file]),
  ];
  const exposed = places.filter(([, path]) => isWithin(realPath(path), real)).map(([name]) => name);
  const inside = SYSTEM_PLACES.filter((place) => real !== realPath(place) && isWithin(real, realPath(place)));
  if (isWithin(real, realPath(storage)) && real !== realPath(storage)) inside.push('storage.path');
  if (home !== undefined && isWithin(real, realPath(home)) && HIDDEN.test(real.slice(realPath(home).length + 1)))
    inside.push('the hidden directories of the home directory');
  return [...new Set([...exposed, ...inside.map((place) => `a part of ${place}`)])];
}

/** The path with links resolved, as far as it exists. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), absolute.slice(parent.length));
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`);
}
