import { closest } from './closest.ts';

export const VARIABLE_PREFIX = 'CLAUDE_CODE__';
export const CONFIG_FILE_VARIABLE = 'CLAUDE_CODE__CONFIG_FILE';

/** The keys of each section. */
export type SettingNames = Readonly<Record<string, readonly string[]>>;

/** Common wrong prefixes of variables meant for this service. */
const LIKELY_PREFIX = /^(?:CLAUDE[_.-]*CODE[_.-]*API|CLAUDE[_.-]*CODE|CLAUDE|CCAPI)[_.-]+/i;
/** The separator between section and key; the CLI's own variables (CLAUDE_CODE_…) never contain it. */
const SEPARATOR = /__+|\./;

/** The variable of a setting. */
export function variableOf(section: string, key: string): string {
  return `${VARIABLE_PREFIX}${section.toUpperCase()}__${key.toUpperCase()}`;
}

/** Whether a variable counts as a setting, even if misspelled. */
export function isSettingVariable(name: string): boolean {
  return name.toUpperCase().startsWith(VARIABLE_PREFIX);
}

/**
 * One line for each variable that is not a setting but was probably meant as one. Ignores values, since one may be a
 * secret.
 */
export function nearMisses(variables: readonly string[], settings: SettingNames): string[] {
  return variables
    .filter((name) => !isSettingVariable(name) && isMeantAsSetting(name, settings))
    .map((name) => `${printable(name)} is no setting and has no effect${hint(meantVariable(name, settings))}`);
}

/** The setting variable most similar to a name; undefined if none is similar enough. */
export function meantVariable(name: string, settings: SettingNames): string | undefined {
  const squeezed = squeeze(name);
  const exact = allVariables(settings).find((candidate) => squeeze(candidate) === squeezed);
  if (exact !== undefined) return exact;
  const [section = '', key = ''] = name.replace(LIKELY_PREFIX, '').replaceAll('-', '_').split(SEPARATOR);
  const likelySection = closest(section.toLowerCase(), Object.keys(settings));
  if (likelySection === undefined) return undefined;
  const likelyKey = closest(key.toLowerCase(), settings[likelySection] ?? []);
  return likelyKey === undefined ? undefined : variableOf(likelySection, likelyKey);
}

export function hint(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

function isMeantAsSetting(name: string, settings: SettingNames): boolean {
  const squeezed = squeeze(name);
  if (allVariables(settings).some((candidate) => squeeze(candidate) === squeezed)) return true;
  const rest = name.replace(LIKELY_PREFIX, '');
  if (rest === name || !SEPARATOR.test(rest)) return false;
  return /^CLAUDE_CODE_/i.test(name) || meantVariable(name, settings) !== undefined;
}

function allVariables(settings: SettingNames): string[] {
  const variables = Object.entries(settings).flatMap(([section, keys]) => keys.map((key) => variableOf(section, key)));
  return [CONFIG_FILE_VARIABLE, ...variables];
}

/** A name without case and separators, the common mistakes. */
function squeeze(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** The name of a variable can contain any character but = and NUL. */
function printable(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '?');
}
