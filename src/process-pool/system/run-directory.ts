import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Logger } from '../../common/logging/logger.ts';
import { StorageClaim } from '../../common/storage/storage-claim.ts';
import { StorageSettings } from '../../config/settings.ts';
import { removeDirectory } from './remove-directory.ts';

/** The CLI's own state without words of clients: the device id that it sends. */
const KEPT_CONFIGURATION = '.claude.json';

/** The directories of CLI processes. */
export interface RunPaths {
  /** Working directories of processes, and other files for the lifetime of the service. */
  readonly root: string;
  /** The temporary directory of the CLI and its tools. */
  readonly temporary: string;
  /** The CLI's configuration directory, if the credentials are not stored in one. */
  readonly configuration: string;
}

/**
 * Creates the directories for everything that CLI processes write: below `storage.path`, so that the next start clears what
 * a SIGKILL leaves behind; otherwise in the system's temporary directory.
 */
@Injectable()
export class RunDirectory {
  private opened: Promise<RunPaths> | undefined;

  constructor(
    private readonly storage: StorageSettings,
    private readonly claim: StorageClaim,
    private readonly logger: Logger,
  ) {}

  /**
   * Clears the files of an earlier run, none of whose processes may be alive, and creates the directories. Repeated calls
   * share one result.
   */
  open(): Promise<RunPaths> {
    this.opened ??= this.make().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  /** Removes the files that no later start needs. No process may be alive. */
  async close(): Promise<void> {
    const paths = await this.opened;
    if (paths) await this.clear(paths);
  }

  private async make(): Promise<RunPaths> {
    if (this.claim.isExclusive) {
      try {
        const storage = resolve(this.storage.path);
        const paths = pathsBelow(join(storage, 'run'), join(storage, 'claude'));
        await this.clear(paths);
        await create(paths);
        return paths;
      } catch (error) {
        this.logger.warn({ error }, 'storage.path cannot be written; CLI processes work in the temporary directory');
      }
    }
    const root = await mkdtemp(join(tmpdir(), 'claude-code-api-'));
    const paths = pathsBelow(root, join(root, 'claude'));
    await create(paths);
    return paths;
  }

  private async clear({ root, configuration }: RunPaths): Promise<void> {
    const names = await readdir(configuration).catch(() => []);
    const keeps = await isJson(join(configuration, KEPT_CONFIGURATION));
    const left = names
      .filter((name) => !(keeps && name === KEPT_CONFIGURATION))
      .map((name) => join(configuration, name));
    await Promise.all([root, ...left].map((path) => removeDirectory(path, (error) => this.tell(error))));
  }

  private tell(error: Error): void {
    this.logger.warn({ error }, 'what CLI processes left behind cannot be removed');
  }
}

function pathsBelow(root: string, configuration: string): RunPaths {
  return { root, temporary: join(root, 'tmp'), configuration };
}

async function create({ temporary, configuration }: RunPaths): Promise<void> {
  for (const path of [temporary, configuration]) await mkdir(path, { recursive: true, mode: 0o700 });
}

/** The CLI does not start with a file that a SIGKILL has truncated. */
async function isJson(file: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
