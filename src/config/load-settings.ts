import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import type { z } from 'zod';
import { closest } from './closest.ts';
import { crossCheck } from './cross-check.ts';
import { packageDirectory } from './package-directory.ts';
import { settingsSchema, toSettings, type SectionName, type Settings, type SettingsInput } from './settings.ts';
import { settingsWarnings } from './settings-warnings.ts';
import {
  CONFIG_FILE_VARIABLE,
  hint,
  isSettingVariable,
  meantVariable,
  nearMisses,
  VARIABLE_PREFIX,
  variableOf,
  type SettingNames,
} from './variable-names.ts';

/** Everything that is wrong with the settings, one line each. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

export interface LoadSettingsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where config/local.toml is looked for. */
  readonly directory: string;
  /** Whether settings that contradict each other, or the file system, are problems too. Default true. */
  readonly isCrossChecked?: boolean;
}

/** The settings, and what an operator should know of how they came about. */
export interface Configuration {
  readonly settings: Settings;
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** What probably has another effect than its author wanted, or is dangerous, one line each. */
  readonly warnings: readonly string[];
}

const DEFAULT_FILE = 'config/default.toml';
const LOCAL_FILE = 'config/local.toml';

const SETTING_NAMES: SettingNames = Object.fromEntries(
  Object.keys(settingsSchema.shape).map((section) => [section, Object.keys(sectionShape(section) ?? {})]),
);

type Values = Record<string, Record<string, unknown>>;

/** A place that settings were read from, and how a key of it is named to its author. */
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
 * Reads the settings: defaults, config/default.toml of this package, config/local.toml or the file that
 * CLAUDE_CODE__CONFIG_FILE names, then variables CLAUDE_CODE__SECTION__KEY. Throws SettingsError with every problem at once.
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
  const parsed = settingsSchema.safeParse(merged);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describe(issue, origins)));
  else if (options.isCrossChecked ?? true) problems.push(...crossCheck(parsed.data));
  if (problems.length > 0 || !parsed.success) throw new SettingsError([...problems, ...misspelled(options)]);
  return {
    settings: toSettings(parsed.data),
    files: sources.flatMap(({ file }) => file ?? []),
    warnings: [
      ...misspelled(options),
      ...foreignDefaults(options),
      ...settingsWarnings(parsed.data, options.environment),
    ],
  };
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

/** The settings when nothing is configured. */
export function defaultSettings(): SettingsInput {
  return settingsSchema.parse({});
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

/** The value of a variable in whatever case it is given; two that differ are a problem. */
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
  const values: Values = {};
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

/** The text of a variable as the type its key has; what does not read as that type is left for the schema to refuse. */
function coerce(section: string, key: string, value: string): unknown {
  const type = typeOf(section, key);
  if (type === undefined || type === 'string' || type === 'enum') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function typeOf(section: string, key: string): string | undefined {
  let schema: z.ZodType | undefined = sectionShape(section)?.[key];
  while (schema !== undefined) {
    const definition = schema.def as { type: string; innerType?: z.ZodType };
    if (definition.innerType === undefined) return definition.type;
    schema = definition.innerType;
  }
  return undefined;
}

function sectionShape(section: string): Record<string, z.ZodType> | undefined {
  if (!Object.hasOwn(settingsSchema.shape, section)) return undefined;
  return settingsSchema.shape[section as SectionName].def.innerType.shape;
}

function checkTable(section: string, keys: unknown, problems: string[]): keys is Record<string, unknown> {
  if (typeof keys === 'object' && keys !== null && !Array.isArray(keys)) return true;
  problems.push(`${section}: stands outside of any section`);
  return false;
}

function checkName(section: string, key: string, name: string, problems: string[]): boolean {
  const shape = sectionShape(section);
  if (shape && Object.hasOwn(shape, key)) return true;
  const candidates = shape ? Object.keys(shape) : Object.keys(settingsSchema.shape);
  const guess = closest(shape ? key : section, candidates);
  const meant = shape ? `${section}.${guess}` : guess;
  const known = guess === undefined ? meantVariable(variableOf(section, key), SETTING_NAMES) : meant;
  problems.push(`${name}: there is no such ${shape ? 'key' : 'section'}${hint(known)}`);
  return false;
}

function describe(issue: z.core.$ZodIssue, origins: ReadonlyMap<string, string>): string {
  const [section, key, ...rest] = issue.path.map(String);
  const name = origins.get(`${section}.${key}`) ?? `${section}.${key}`;
  return `${name}${rest.length > 0 ? ` [${rest.join('.')}]` : ''}: ${issue.message}`;
}
