import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Logger } from '../../common/logging/logger.ts';
import { StorageClaim } from '../../common/storage/storage-claim.ts';
import { StorageSettings } from '../../config/settings.ts';
import { removeDirectory } from './remove-directory.ts';

/** What the CLI keeps of its own beside the client's words: the id that it sends as the device. */
const KEPT_CONFIGURATION = '.claude.json';

/** Where the files of CLI processes are. */
export interface RunPaths {
  /** Working directories of processes, and what else lasts as long as the service runs. */
  readonly root: string;
  /** What the CLI and its tools use as the system's temporary directory. */
  readonly temporary: string;
  /** The CLI's own configuration, for credentials that do not stand there. */
  readonly configuration: string;
}

/**
 * Makes the place for everything that CLI processes write: below `storage.path`, so that the next start clears what a
 * sudden death leaves behind; in the system's temporary directory where that cannot be had.
 */
@Injectable()
export class RunDirectory {
  private opened: Promise<RunPaths> | undefined;

  constructor(
    private readonly storage: StorageSettings,
    private readonly claim: StorageClaim,
    private readonly logger: Logger,
  ) {}

  /** Clears what an earlier run has left; no process of it may be alive. Made once, however often it is called. */
  open(): Promise<RunPaths> {
    this.opened ??= this.make().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  /** Removes what no start needs again. No process may be alive. */
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

/** A file that was cut off by a sudden death would stop the CLI from starting. */
async function isJson(file: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
