import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Profile } from '../claude-cli/transport/launch-options.ts';
import type { ClaudeSettings, FileAccessSettings, McpSettings } from '../config/settings.ts';

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
