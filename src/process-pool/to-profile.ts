import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Profile } from '../claude-cli/transport/launch-options.ts';
import type { ClaudeSettings, FileAccessSettings, McpSettings } from '../config/settings.ts';

/**
 * The options that all processes of this service share. Writes an MCP configuration given as text to `directory`.
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
    // With permissions skipped the operator has decided otherwise, and commands could circumvent the patterns.
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
  // It may contain credentials of the servers.
  writeFileSync(file, mcp.configJson ?? '{}', { mode: 0o600 });
  return file;
}
