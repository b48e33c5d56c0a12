import { exposedPlaces } from './exposed-places.ts';
import { keysFilePath } from './keys-file.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Allowed but dangerous settings, one line each. */
export function settingsWarnings(settings: Settings, environment: Environment): string[] {
  const { claude, file_access: files, auth, storage, mcp } = settings;
  const warnings: string[] = [];
  if (files.skipPermissions) {
    const tools = claude.tools.length > 0 ? claude.tools.join(', ') : 'none so far';
    warnings.push(
      `file_access.skip_permissions: a client whose key has the right "agent" can do with claude.tools (${tools}) everything that the user of this service can do, and read its API key`,
    );
  }
  const places = {
    home: environment['HOME'],
    storage: storage.path,
    files: [keysFilePath(auth.keysFile, storage.path), ...(mcp.configFile === undefined ? [] : [mcp.configFile])],
  };
  const reader =
    claude.tools.length > 0 ? 'prompts can have every file there read' : 'clients can send every image there';
  for (const directory of files.additionalDirs) {
    const exposed = exposedPlaces(directory, places);
    if (exposed.length > 0)
      warnings.push(`file_access.additional_dirs: ${directory} holds ${exposed.join(', ')}; ${reader} to the model`);
  }
  return warnings;
}
