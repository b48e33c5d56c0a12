import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseToml } from 'smol-toml';
import type { z } from 'zod';
import { crossCheck } from './cross-check.ts';
import { closest } from './closest.ts';
import { settingsSchema, toSettings, type SectionName, type Settings, type SettingsInput } from './settings.ts';

/** Everything that is wrong with the settings, one line each. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

export interface LoadSettingsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `config/` is looked for. */
  readonly directory: string;
  /** Whether settings that contradict each other, or the file system, are problems too. Default true. */
  readonly isCrossChecked?: boolean;
}

const PREFIX = 'CLAUDE_CODE__';
const CONFIG_FILE = 'CLAUDE_CODE__CONFIG_FILE';

type Values = Record<string, Record<string, unknown>>;

/** A place that settings were read from, and how a key of it is named to its author. */
interface Source {
  readonly values: Values;
  readonly nameOf: (section: string, key: string) => string;
}

/**
 * Reads the settings: defaults, config/default.toml, config/local.toml or the file that CLAUDE_CODE__CONFIG_FILE names,
 * then variables CLAUDE_CODE__SECTION__KEY. Throws SettingsError with every problem at once.
 */
export function loadSettings(options: LoadSettingsOptions): Settings {
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
  if (problems.length > 0 || !parsed.success) throw new SettingsError(problems);
  return toSettings(parsed.data);
}

/** The settings when nothing is configured. */
export function defaultSettings(): SettingsInput {
  return settingsSchema.parse({});
}

function fileSources({ environment, directory }: LoadSettingsOptions, problems: string[]): Source[] {
  const own = join(directory, 'config/default.toml');
  const packaged = join(dirname(fileURLToPath(import.meta.url)), '../../config/default.toml');
  const sources: Source[] = [];
  const base = [own, packaged].find((file) => existsSync(file));
  if (base !== undefined) sources.push(...readFile(base, problems));
  const named = environment[CONFIG_FILE];
  if (named !== undefined && named !== '') sources.push(...readFile(resolve(directory, named), problems));
  else {
    const local = join(directory, 'config/local.toml');
    if (existsSync(local)) sources.push(...readFile(local, problems));
  }
  return sources;
}

function readFile(file: string, problems: string[]): Source[] {
  try {
    const values = parseToml(readFileSync(file, 'utf8')) as unknown as Values;
    return [{ values, nameOf: (section, key) => `${section}.${key} in ${file}` }];
  } catch (error) {
    problems.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

function environmentSource(environment: LoadSettingsOptions['environment'], problems: string[]): Source {
  const values: Values = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.toUpperCase().startsWith(PREFIX) || name.toUpperCase() === CONFIG_FILE || value === undefined) continue;
    const [section, key, ...rest] = name.slice(PREFIX.length).toLowerCase().split('__');
    if (section === undefined || key === undefined || rest.length > 0) {
      problems.push(`${name}: a variable names a section and a key, as in CLAUDE_CODE__SERVER__PORT`);
      continue;
    }
    (values[section] ??= {})[key] = coerce(section, key, value);
  }
  return {
    values,
    nameOf: (section, key) => `${section}.${key} (${PREFIX}${section.toUpperCase()}__${key.toUpperCase()})`,
  };
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
  const hint = guess === undefined ? '' : `; did you mean ${shape ? `${section}.${guess}` : guess}?`;
  problems.push(`${name}: there is no such ${shape ? 'key' : 'section'}${hint}`);
  return false;
}

function describe(issue: z.core.$ZodIssue, origins: ReadonlyMap<string, string>): string {
  const [section, key, ...rest] = issue.path.map(String);
  const name = origins.get(`${section}.${key}`) ?? `${section}.${key}`;
  return `${name}${rest.length > 0 ? ` [${rest.join('.')}]` : ''}: ${issue.message}`;
}
