import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { closest } from './closest.ts';
import { crossCheck } from './cross-check.ts';
import { packageDirectory } from './package-directory.ts';
import type { Problem } from './problems.ts';
import { isTable, readObject } from './read-object.ts';
import { isText, keyOf, SECTION_KEYS, SETTING_NAMES } from './section-keys.ts';
import { SECTIONS, type Settings } from './settings.ts';
import { settingsWarnings } from './settings-warnings.ts';
import {
  CONFIG_FILE_VARIABLE,
  hint,
  isSettingVariable,
  meantVariable,
  nearMisses,
  VARIABLE_PREFIX,
  variableOf,
} from './variable-names.ts';

/** All problems of the settings, one line each. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

export interface LoadSettingsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The directory of config/local.toml. */
  readonly directory: string;
  /** Whether to report conflicts between settings, or with the file system. Default true. */
  readonly isCrossChecked?: boolean;
}

/** The settings, their sources, and warnings for the operator. */
export interface Configuration {
  readonly settings: Settings;
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** Settings that are dangerous or probably a mistake, one line each. */
  readonly warnings: readonly string[];
}

const DEFAULT_FILE = 'config/default.toml';
const LOCAL_FILE = 'config/local.toml';

/** Values by section and key. */
type Values = Record<string, Record<string, unknown>>;

/** A source of settings, and how to name its keys in messages. */
interface Source {
  readonly values: Values;
  readonly nameOf: (section: string, key: string) => string;
  /** Undefined for the environment. */
  readonly file?: string;
}

/** The settings alone; see `loadConfiguration`. */
export function loadSettings(options: LoadSettingsOptions): Settings {
  return loadConfiguration(options).settings;
}

/**
 * Reads the settings: defaults, config/default.toml of this package, config/local.toml or the file in
 * CLAUDE_CODE__CONFIG_FILE, then variables CLAUDE_CODE__SECTION__KEY. Throws SettingsError with all problems.
 */
export function loadConfiguration(options: LoadSettingsOptions): Configuration {
  const problems: string[] = [];
  const sources = [...fileSources(options, problems), environmentSource(options.environment, problems)];
  const merged: Values = {};
  const origins = new Map<string, string>();
  for (const { values, nameOf } of sources) {
    for (const [section, keys] of Object.entries(values)) {
      if (!checkTable(section, keys, problems)) continue;
      for (const [key, value] of Object.entries(keys)) {
        if (!checkName(section, key, nameOf(section, key), problems)) continue;
        (merged[section] ??= {})[key] = value;
        origins.set(`${section}.${key}`, nameOf(section, key));
      }
    }
  }
  const { settings, invalid } = readSections(merged, origins);
  problems.push(...invalid);
  if (invalid.length === 0 && (options.isCrossChecked ?? true)) problems.push(...crossCheck(settings));
  if (problems.length > 0) throw new SettingsError([...problems, ...misspelled(options)]);
  return {
    settings: deepFreeze(settings),
    files: sources.flatMap(({ file }) => file ?? []),
    warnings: [...misspelled(options), ...foreignDefaults(options), ...settingsWarnings(settings, options.environment)],
  };
}

/** Settings that are usable only without problems. */
function readSections(
  values: Values,
  origins: ReadonlyMap<string, string>,
): { settings: Settings; invalid: readonly string[] } {
  const invalid: string[] = [];
  const sections = Object.entries(SECTIONS).map(([section, SectionClass]) => {
    const keys = Object.entries(values[section] ?? {});
    const properties = keys.map(([key, value]) => [SECTION_KEYS.get(section)?.get(key) ?? key, value]);
    const { object, problems } = readObject<object>(SectionClass, Object.fromEntries(properties));
    invalid.push(...problems.map((problem) => describe(section, problem, origins)));
    return [section, object];
  });
  return { settings: Object.fromEntries(sections) as Settings, invalid };
}

function misspelled({ environment }: LoadSettingsOptions): string[] {
  const given = Object.keys(environment).filter((name) => environment[name] !== undefined);
  return nearMisses(given, SETTING_NAMES);
}

function foreignDefaults({ directory }: LoadSettingsOptions): string[] {
  const file = join(directory, DEFAULT_FILE);
  if (!existsSync(file) || realpathSync(directory) === packageDirectory()) return [];
  return [`${file} is not read: only the defaults of this package are; write settings to config/local.toml`];
}

/** The default settings, by section and key; undefined without a default. */
export function defaultSettings(): Values {
  const sections = Object.entries(SECTIONS).map(([section, SectionClass]) => [
    section,
    Object.fromEntries(Object.entries(new SectionClass()).map(([property, value]) => [keyOf(property), value])),
  ]);
  return Object.fromEntries(sections) as Values;
}

function fileSources({ environment, directory }: LoadSettingsOptions, problems: string[]): Source[] {
  const sources: Source[] = [];
  const defaults = join(packageDirectory(), DEFAULT_FILE);
  if (existsSync(defaults)) sources.push(...readFile(defaults, problems));
  const named = variablesNamed(CONFIG_FILE_VARIABLE, environment, problems);
  if (named !== undefined && named !== '') sources.push(...readFile(resolve(directory, named), problems));
  else {
    const local = join(directory, LOCAL_FILE);
    if (existsSync(local)) sources.push(...readFile(local, problems));
  }
  return sources;
}

/** The value of a variable, ignoring the case of its name; two different values are a problem. */
function variablesNamed(
  wanted: string,
  environment: LoadSettingsOptions['environment'],
  problems: string[],
): string | undefined {
  const given = Object.entries(environment).filter(
    ([name, value]) => name.toUpperCase() === wanted && value !== undefined,
  );
  if (new Set(given.map(([, value]) => value)).size > 1) problems.push(givenTwice(given.map(([name]) => name)));
  return given[0]?.[1];
}

function givenTwice(names: readonly string[]): string {
  return `${names.join(', ')}: the same variable in two spellings, with different values`;
}

function readFile(file: string, problems: string[]): Source[] {
  try {
    const values = parseToml(readFileSync(file, 'utf8')) as unknown as Values;
    return [{ values, file, nameOf: (section, key) => `${section}.${key} in ${file}` }];
  } catch (error) {
    problems.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

function environmentSource(environment: LoadSettingsOptions['environment'], problems: string[]): Source {
  // Without a prototype: a variable can name a section `constructor`.
  const values = Object.create(null) as Values;
  const spellings = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!isSettingVariable(name) || name.toUpperCase() === CONFIG_FILE_VARIABLE || value === undefined) continue;
    const [section, key, ...rest] = name.slice(VARIABLE_PREFIX.length).toLowerCase().split('__');
    if (section === undefined || key === undefined || rest.length > 0) {
      const meant = hint(meantVariable(name, SETTING_NAMES));
      problems.push(`${name}: a variable names a section and a key, as in CLAUDE_CODE__SERVER__PORT${meant}`);
      continue;
    }
    const other = spellings.get(variableOf(section, key));
    if (other !== undefined && environment[other] !== value) problems.push(givenTwice([other, name]));
    spellings.set(variableOf(section, key), name);
    (values[section] ??= {})[key] = coerce(section, key, value);
  }
  return { values, nameOf: (section, key) => `${section}.${key} (${variableOf(section, key)})` };
}

/** Converts the text of a variable to the type of its key; leaves other text for the validators to refuse. */
function coerce(section: string, key: string, value: string): unknown {
  if (isText(section, key) ?? true) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function checkTable(section: string, keys: unknown, problems: string[]): keys is Record<string, unknown> {
  if (isTable(keys)) return true;
  problems.push(`${section}: stands outside of any section`);
  return false;
}

function checkName(section: string, key: string, name: string, problems: string[]): boolean {
  const keys = SECTION_KEYS.get(section);
  if (keys?.has(key)) return true;
  const guess = closest(keys ? key : section, [...(keys ?? SECTION_KEYS).keys()]);
  const meant = keys ? `${section}.${guess}` : guess;
  const known = guess === undefined ? meantVariable(variableOf(section, key), SETTING_NAMES) : meant;
  problems.push(`${name}: there is no such ${keys ? 'key' : 'section'}${hint(known)}`);
  return false;
}

function describe(
  section: string,
  { path: [property = '', ...rest], words }: Problem,
  origins: ReadonlyMap<string, string>,
): string {
  const setting = `${section}.${keyOf(property)}`;
  const part = rest.join('.').replaceAll(/\p{Cc}/gu, '?');
  return `${origins.get(setting) ?? setting}${rest.length > 0 ? ` [${part}]` : ''}: ${words}`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value))
    if (typeof child === 'object' && child !== null) deepFreeze(child as object);
  return Object.freeze(value);
}
