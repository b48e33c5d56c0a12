import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { checkTools } from './check-tools.ts';
import { keyConflict } from './key-conflict.ts';
import type { KeyEntry, StoredKey } from './key-entry.ts';
import { KeysFileError, keysFilePath, readKeysFile } from './keys-file.ts';
import { isLoopbackHost } from './loopback.ts';
import type { Settings } from './settings.ts';

/** Problems between several settings, or with the file system. */
export function crossCheck(settings: Settings): string[] {
  const problems: string[] = [];
  const stored = storedKeys(settings, problems);
  // A keys file without keys also requires keys.
  const isAnonymous = settings.auth.keys.length === 0 && stored === undefined;
  const keys = [...settings.auth.keys, ...(stored ?? [])];
  return [
    ...problems,
    ...checkPool(settings),
    ...checkAuth(settings, keys),
    ...checkCors(settings, keys.length > 0),
    ...checkMcp(settings),
    ...checkTools(settings, isAnonymous),
    ...settings.file_access.additionalDirs.flatMap(checkDirectory),
  ];
}

function checkPool({ process_pool: pool, claude }: Settings): string[] {
  const ceilings: [string, number][] = [
    ['process_pool.min_idle', pool.minIdle],
    ['process_pool.max_idle', pool.maxIdle],
    ['process_pool.size', pool.size],
    ['claude.max_concurrent_sessions', claude.maxConcurrentSessions],
  ];
  return ceilings.slice(1).flatMap(([name, value], index) => {
    const [smallerName, smaller] = ceilings[index]!;
    return smaller <= value ? [] : [`${smallerName} (${smaller}) must not exceed ${name} (${value})`];
  });
}

function checkAuth({ auth, server }: Settings, keys: readonly KeyEntry[]): string[] {
  const problems: string[] = [];
  const conflict = keyConflict(auth.keys);
  const common = conflict ?? keyConflict(keys);
  if (common !== undefined) problems.push(`auth.keys: has ${conflict ?? `together with the keys file ${common}`}`);
  if (keys.length === 0 && !auth.allowAnonymous && !isLoopbackHost(server.host)) {
    problems.push(
      `server.host: ${server.host} can be reached by others; make a key with "ccapi keys add NAME", configure auth.keys, or set auth.allow_anonymous if everyone may use this service`,
    );
  }
  return problems;
}

/** Undefined without a keys file. An unusable file is a problem and counts as one without keys. */
function storedKeys({ auth, storage }: Settings, problems: string[]): readonly StoredKey[] | undefined {
  try {
    return readKeysFile(keysFilePath(auth.keysFile, storage.path));
  } catch (error) {
    if (!(error instanceof KeysFileError)) throw error;
    problems.push(`auth.keys_file: ${error.message}`);
    return [];
  }
}

function checkCors({ cors, auth }: Settings, hasKeys: boolean): string[] {
  if (!cors.enabled) return [];
  if (cors.allowedOrigins.length === 0) return ['cors.enabled: cors.allowed_origins is needed as well'];
  if (cors.allowedOrigins.includes('*') && !hasKeys && !auth.allowAnonymous) {
    return [
      'cors.allowed_origins: with * any web page could use this service; make a key, or set auth.allow_anonymous if everyone may use it',
    ];
  }
  return [];
}

function checkMcp({ mcp }: Settings): string[] {
  if (!mcp.enabled) return [];
  if (mcp.configFile === undefined && mcp.configJson === undefined) {
    return ['mcp.enabled: mcp.config_file or mcp.config_json is needed as well'];
  }
  if (mcp.configFile !== undefined && mcp.configJson !== undefined) {
    return ['mcp.config_file, mcp.config_json: only one of the two can be used'];
  }
  const name = mcp.configJson === undefined ? 'mcp.config_file' : 'mcp.config_json';
  try {
    const json = mcp.configJson ?? readFileSync(mcp.configFile ?? '', 'utf8');
    const { mcpServers } = JSON.parse(json) as { mcpServers?: unknown };
    if (typeof mcpServers !== 'object' || mcpServers === null) return [`${name}: has no object mcpServers`];
    return 'client' in mcpServers ? [`${name}: the server name client is taken by the gateway`] : [];
  } catch (error) {
    return [`${name}: ${error instanceof SyntaxError ? 'is not JSON' : (error as Error).message}`];
  }
}

function checkDirectory(directory: string): string[] {
  if (!isAbsolute(directory)) return [`file_access.additional_dirs: ${directory} is not an absolute path`];
  try {
    return statSync(directory).isDirectory() ? [] : [`file_access.additional_dirs: ${directory} is not a directory`];
  } catch {
    return [`file_access.additional_dirs: ${directory} does not exist`];
  }
}
