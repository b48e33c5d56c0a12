/** The options of a process, fixed for its life. Turns can share a process only if their profiles are equal. */
export interface Profile {
  /**
   * See `isLean`. A lean process accepts the system texts of each turn; another one gets them once, when it is initialised.
   */
  readonly lean: boolean;
  /** The CLI's built-in tools that the model may use; none for plain chat. */
  readonly builtInTools: readonly string[];
  /** Directories besides the working directory that built-in tools may read. */
  readonly directories: readonly string[];
  /**
   * Patterns of absolute paths that built-in tools never read, even in allowed directories; for example /srv/data/*.json.
   */
  readonly unreadable: readonly string[];
  /** A file with `mcpServers`; undefined without servers. */
  readonly mcpConfigFile?: string;
  /** Whether to use only the servers of `mcpConfigFile`, not those of the user's own settings. */
  readonly mcpStrict: boolean;
  readonly mcpDebug: boolean;
  /** Whether permission requests of tools are granted; otherwise they are denied. */
  readonly grantPermissions: boolean;
}

/** The profile of plain chat: the model has no tools of its own but these, and reads no files. */
export function plainProfile(lean: boolean, builtInTools: readonly string[] = []): Profile {
  return {
    lean,
    builtInTools,
    directories: [],
    unreadable: [],
    mcpStrict: true,
    mcpDebug: false,
    grantPermissions: false,
  };
}

const keys = new WeakMap<Profile, string>();

/** A text that is equal only for equal profiles. */
export function profileKey(profile: Profile): string {
  const known = keys.get(profile) ?? toKey(profile);
  keys.set(profile, known);
  return known;
}

function toKey(profile: Profile): string {
  return JSON.stringify([
    profile.lean,
    profile.builtInTools,
    profile.directories,
    profile.unreadable,
    profile.mcpConfigFile ?? null,
    profile.mcpStrict,
    profile.mcpDebug,
    profile.grantPermissions,
  ]);
}

/** Whether the model has tools of its own, so that its processes keep effects beyond messages. */
export function hasOwnTools(profile: Profile): boolean {
  return profile.builtInTools.length > 0 || profile.mcpConfigFile !== undefined;
}

/** The command line for a profile. Contains no prompt, system prompt, schema or key, since every local user can read it. */
export function launchArguments(profile: Profile): string[] {
  const launch = [
    '-p',
    '--input-format', 'stream-json',
    '--output-format', 'stream-json',
    '--verbose',
    '--include-partial-messages',
    '--permission-prompt-tool', 'stdio',
    '--no-session-persistence',
    '--setting-sources', '',
    '--tools', profile.builtInTools.join(','),
  ]; // prettier-ignore
  // Without this the CLI opens a socket through which another session of the same user can start turns in its conversation.
  if (!profile.lean) launch.push('--restricted');
  if (profile.mcpStrict || profile.mcpConfigFile === undefined) launch.push('--strict-mcp-config');
  if (profile.mcpConfigFile !== undefined) launch.push('--mcp-config', profile.mcpConfigFile);
  if (profile.mcpDebug) launch.push('--debug', 'mcp');
  for (const directory of profile.directories) launch.push('--add-dir', directory);
  if (profile.unreadable.length > 0) launch.push('--settings', JSON.stringify({ permissions: denyReading(profile) }));
  return launch;
}

/** The CLI's rules for absolute paths begin with two slashes. */
function denyReading({ unreadable }: Profile): { deny: string[] } {
  return { deny: unreadable.flatMap((path) => [`Read(/${path})`, `Edit(/${path})`]) };
}
