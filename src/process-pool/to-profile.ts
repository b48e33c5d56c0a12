import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Profile } from '../claude-cli/transport/launch-options.ts';
import type {
  ClaudeSettings,
  FileAccessSettings,
  McpSettings,
  ProcessPoolSettings,
  ConversationSettings,
} from '../config/settings.ts';
import type { ProcessPoolOptions } from './pool/process-pool.ts';

/**
 * What is fixed for every process of this service. Writes a configuration that was given as text to `directory`.
 *
 * @param secrets patterns of files that no tool may read
 */
export function toProfile(
  claude: ClaudeSettings,
  files: FileAccessSettings,
  mcp: McpSettings,
  lean: boolean,
  directory: string,
  secrets: readonly string[],
): Profile {
  const hasTools = claude.tools.length > 0;
  return {
    lean,
    builtInTools: claude.tools,
    directories: hasTools ? files.additionalDirs : [],
    // Where permissions are skipped the operator has decided otherwise, and commands would get around it.
    unreadable: hasTools && !files.skipPermissions ? secrets : [],
    ...(mcp.enabled && { mcpConfigFile: mcpConfigFile(mcp, directory) }),
    mcpStrict: mcp.strict,
    mcpDebug: mcp.debug,
    grantPermissions: files.skipPermissions,
  };
}

function mcpConfigFile(mcp: McpSettings, directory: string): string {
  if (mcp.configFile !== undefined) return resolve(mcp.configFile);
  const file = join(directory, 'mcp.json');
  // It may hold credentials of the servers.
  writeFileSync(file, mcp.configJson ?? '{}', { mode: 0o600 });
  return file;
}

/** The settings in the pool's own terms. */
export function toPoolOptions(
  profile: Profile,
  claude: ClaudeSettings,
  pool: ProcessPoolSettings,
  conversation: ConversationSettings,
): ProcessPoolOptions {
  return {
    profile,
    reuse: pool.reuse,
    isolateTenants: pool.isolateTenants,
    maxProcesses: claude.maxConcurrentSessions,
    size: pool.size,
    minIdle: pool.minIdle,
    maxIdle: pool.maxIdle,
    maxTurns: pool.maxTurns,
    maxAgeMs: pool.maxAgeMinutes * 60_000,
    maxMemoryBytes: pool.maxMemoryMegabytes * 1024 * 1024,
    // Without it a conversation is let go after each turn.
    maxHeldMs: claude.useInteractiveSessions ? conversation.sessionTimeoutMinutes * 60_000 : 0,
    queueSize: pool.queueSize,
    queueTimeoutMs: pool.queueTimeoutSeconds * 1000,
    turnTimeoutMs: claude.timeoutSeconds * 1000,
    maxCutRetries: claude.maxRetries,
  };
}
