import 'reflect-metadata';
import { closest } from './closest.ts';
import { findProblems, type Problem } from './problems.ts';
import { hint } from './variable-names.ts';

type Table = Readonly<Record<string, unknown>>;

const ENTRY_CLASS = Symbol('class of the entries');

export interface ReadObject<T> {
  /** Usable only without problems. */
  readonly object: T;
  readonly problems: readonly Problem[];
}

/** Declares the class of the tables in a list. */
export function EntriesAre(EntryClass: new () => object): PropertyDecorator {
  return Reflect.metadata(ENTRY_CLASS, EntryClass);
}

/**
 * An instance with the given values over the defaults of its class, and all problems: undeclared keys, and those that the
 * validators find. Converts no value.
 */
export function readObject<T extends object>(Class: new () => T, values: Table): ReadObject<T> {
  const object = new Class();
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (Object.hasOwn(object, name)) Reflect.set(object, name, readEntries(object, name, value, problems));
    else problems.push({ path: [name], words: `there is no such key${hint(closest(name, Object.keys(object)))}` });
  }
  problems.push(...findProblems(object));
  return { object, problems };
}

function readEntries(object: object, name: string, value: unknown, problems: Problem[]): unknown {
  if (!Array.isArray(value)) return value;
  const EntryClass = Reflect.getMetadata(ENTRY_CLASS, object, name) as (new () => object) | undefined;
  if (EntryClass === undefined) return value;
  return value.map((entry: unknown, index) => {
    if (!isTable(entry)) return entry;
    const read = readObject(EntryClass, entry);
    problems.push(...read.problems.map(({ path, words }) => ({ path: [name, String(index), ...path], words })));
    return read.object;
  });
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
