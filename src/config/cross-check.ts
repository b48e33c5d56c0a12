import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { KeysFileError, keysFilePath, readKeysFile } from './keys-file.ts';
import { isLoopbackHost } from './loopback.ts';
import type { SettingsInput } from './settings.ts';

/** Problems that only show when several settings, or the file system, are looked at together. */
export function crossCheck(settings: SettingsInput): string[] {
  return [
    ...checkPool(settings),
    ...checkAuth(settings),
    ...checkCors(settings),
    ...checkMcp(settings),
    ...settings.file_access.additional_dirs.flatMap(checkDirectory),
  ];
}

function checkPool({ process_pool: pool, claude }: SettingsInput): string[] {
  const ceilings: [string, number][] = [
    ['process_pool.min_idle', pool.min_idle],
    ['process_pool.max_idle', pool.max_idle],
    ['process_pool.size', pool.size],
    ['claude.max_concurrent_sessions', claude.max_concurrent_sessions],
  ];
  return ceilings.slice(1).flatMap(([name, value], index) => {
    const [smallerName, smaller] = ceilings[index]!;
    return smaller <= value ? [] : [`${smallerName} (${smaller}) must not exceed ${name} (${value})`];
  });
}

function checkAuth({ auth, server, storage }: SettingsInput): string[] {
  const problems: string[] = [];
  const names = [...auth.keys.map(({ name }) => name), ...storedNames(auth.keys_file, storage.path, problems)];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) problems.push(`auth.keys: the name ${repeated} is there twice`);
  if (names.length === 0 && !auth.allow_anonymous && !isLoopbackHost(server.host)) {
    problems.push(
      `server.host: ${server.host} can be reached by others; make a key with "ccapi keys add NAME", configure auth.keys, or set auth.allow_anonymous if everyone may use this service`,
    );
  }
  return problems;
}

function storedNames(keysFile: string | undefined, storagePath: string, problems: string[]): string[] {
  try {
    return (readKeysFile(keysFilePath(keysFile, storagePath)) ?? []).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof KeysFileError)) throw error;
    problems.push(`auth.keys_file: ${error.message}`);
    return [];
  }
}

function checkCors({ cors, auth, storage }: SettingsInput): string[] {
  if (!cors.enabled) return [];
  if (cors.allowed_origins.length === 0) return ['cors.enabled: cors.allowed_origins is needed as well'];
  const hasKeys = auth.keys.length > 0 || storedNames(auth.keys_file, storage.path, []).length > 0;
  if (cors.allowed_origins.includes('*') && !hasKeys && !auth.allow_anonymous) {
    return [
      'cors.allowed_origins: with * any web page could use this service; make a key, or set auth.allow_anonymous if everyone may use it',
    ];
  }
  return [];
}

function checkMcp({ mcp }: SettingsInput): string[] {
  if (!mcp.enabled) return [];
  if (mcp.config_file === undefined && mcp.config_json === undefined) {
    return ['mcp.enabled: mcp.config_file or mcp.config_json is needed as well'];
  }
  if (mcp.config_file !== undefined && mcp.config_json !== undefined) {
    return ['mcp.config_file, mcp.config_json: only one of the two can be used'];
  }
  const name = mcp.config_json === undefined ? 'mcp.config_file' : 'mcp.config_json';
  try {
    const json = mcp.config_json ?? readFileSync(mcp.config_file ?? '', 'utf8');
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
