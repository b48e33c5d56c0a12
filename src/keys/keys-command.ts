import { StoredKey } from '../config/key-entry.ts';
import { KeysFileError, keysFilePath, readKeysFile } from '../config/keys-file.ts';
import { loadSettings, SettingsError } from '../config/load-settings.ts';
import { findProblems } from '../config/problems.ts';
import { AuthSettings, sectionOf, StorageSettings } from '../config/settings.ts';
import { changeKeysFile } from './change-keys-file.ts';
import { formatKeys, type ListedKey } from './format-keys.ts';
import { digestOf, generateKey } from './generate-key.ts';
import { KEYS_USAGE, parseKeysArguments, UsageError, type KeysArguments } from './parse-keys-arguments.ts';

/** Exit codes of sysexits.h: EX_USAGE and EX_CONFIG. */
const EXIT_USAGE = 64;
const EXIT_CONFIGURATION = 78;

export interface CommandOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Receives the result, for people and scripts. */
  readonly output: (text: string) => void;
  /** Receives messages about the result. */
  readonly report: (text: string) => void;
}

/** The command does not apply to the present keys. */
class KeysCommandError extends Error {}

/** `ccapi keys`: creates, lists and revokes keys in the keys file. Returns the exit code. */
export function runKeysCommand(words: readonly string[], options: CommandOptions): number {
  if (words[0] === '--help' || words[0] === '-h') {
    options.output(KEYS_USAGE);
    return 0;
  }
  const report = (text: string): void => options.report(printable(text));
  try {
    perform(parseKeysArguments(words), options);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      report(`ccapi keys: ${error.message}\n`);
      return EXIT_USAGE;
    }
    if (error instanceof SettingsError) {
      report(`ccapi keys: the settings cannot be used:\n${error.problems.map((line) => `  - ${line}\n`).join('')}`);
      return EXIT_CONFIGURATION;
    }
    if (error instanceof KeysFileError || error instanceof KeysCommandError) {
      report(`ccapi keys: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function perform(command: KeysArguments, options: CommandOptions): void {
  // The first key is created before the settings require it, so skip the checks across sections.
  const settings = loadSettings({ ...options, isCrossChecked: false });
  const auth = sectionOf(settings, AuthSettings);
  const file = keysFilePath(auth.keysFile, sectionOf(settings, StorageSettings).path);
  switch (command.action) {
    case 'add':
      return add(command, auth, file, options);
    case 'list':
      return list(command, auth, file, options);
    case 'revoke':
      return revoke(command, auth, file, options);
  }
}

function add(
  { name, policy }: Extract<KeysArguments, { action: 'add' }>,
  auth: AuthSettings,
  file: string,
  { output, report }: CommandOptions,
): void {
  const key = generateKey();
  const entry = Object.assign(new StoredKey(), policy, {
    name,
    sha256: digestOf(key).toString('hex'),
    created_at: new Date().toISOString(),
  });
  const [problem] = findProblems(entry);
  if (problem) throw new UsageError(`the ${problem.path.join('.')} ${name} ${problem.words}`);
  if (isInSettings(auth, name)) throw new KeysCommandError(`there is a key ${name} in the settings (auth.keys)`);
  let isFirst = false;
  changeKeysFile(file, (keys) => {
    if (keys.some((other) => other.name === name)) throw new KeysCommandError(`there is a key ${name} already`);
    isFirst = keys.length === 0 && auth.keys.length === 0;
    return [...keys, entry];
  });
  report(`The key of ${name}, which is shown this once (its digest is kept in ${file}):\n`);
  output(`${key}\n`);
  if (isFirst) report('It is the first key: a service that uses this file now requires a key for every request.\n');
}

function list(
  { isJson }: Extract<KeysArguments, { action: 'list' }>,
  auth: AuthSettings,
  file: string,
  { output, report }: CommandOptions,
): void {
  const keys: ListedKey[] = [
    ...auth.keys.map((key) => ({ ...withoutDigest(key), created_at: null, source: 'settings' as const })),
    ...(readKeysFile(file) ?? []).map((key) => ({ ...withoutDigest(key), source: 'keys file' as const })),
  ];
  if (isJson) output(`${JSON.stringify(keys, null, 2)}\n`);
  else if (keys.length > 0) output(formatKeys(keys));
  else report(`There are no keys, in the settings or in ${file}.\n`);
}

function revoke(
  { name }: Extract<KeysArguments, { action: 'revoke' }>,
  auth: AuthSettings,
  file: string,
  { report }: CommandOptions,
): void {
  if (isInSettings(auth, name)) {
    throw new KeysCommandError(`the key ${name} stands in the settings (auth.keys): remove it there, and start again`);
  }
  if (!readKeysFile(file)?.some((key) => key.name === name)) throw unknownKey(name, file);
  changeKeysFile(file, (keys) => {
    const rest = keys.filter((key) => key.name !== name);
    if (rest.length === keys.length) throw unknownKey(name, file);
    return rest;
  });
  report(`The key of ${name} is revoked.\n`);
}

/** A message may repeat an argument, whose control characters would affect the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '?');
}

function isInSettings(auth: AuthSettings, name: string): boolean {
  return auth.keys.some((key) => key.name === name);
}

function unknownKey(name: string, file: string): KeysCommandError {
  return new KeysCommandError(`there is no key ${name} in ${file}`);
}

function withoutDigest<Key extends { sha256: string }>({ sha256: _sha256, ...rest }: Key): Omit<Key, 'sha256'> {
  return rest;
}
