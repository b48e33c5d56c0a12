import 'reflect-metadata';
import { SECTIONS, type SectionName } from './settings.ts';
import type { SettingNames } from './variable-names.ts';

/** The keys of each section, as in files and variables, with the property of each. */
export const SECTION_KEYS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(SECTIONS).map(([section, SectionClass]) => [
    section,
    new Map(Object.keys(new SectionClass()).map((property) => [keyOf(property), property])),
  ]),
);

export const SETTING_NAMES: SettingNames = Object.fromEntries(
  [...SECTION_KEYS].map(([section, keys]) => [section, [...keys.keys()]]),
);

/** The key of a property: `maxIdle` is `max_idle`. */
export function keyOf(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether a setting is declared as text; undefined for an unknown setting. */
export function isText(section: string, key: string): boolean | undefined {
  const property = SECTION_KEYS.get(section)?.get(key);
  if (property === undefined) return undefined;
  return Reflect.getMetadata('design:type', SECTIONS[section as SectionName].prototype, property) === String;
}
