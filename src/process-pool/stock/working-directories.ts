import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeDirectory } from '../system/remove-directory.ts';

/** Chooses the working directory of each process. */
export interface WorkingDirectories {
  /** The directory of the next process; it exists when this returns. */
  take(): string;
  /** Call when the process has ended or could not start. */
  release(directory: string): void;
}

/** An empty directory for each process, removed after its end. */
export class OwnWorkingDirectories implements WorkingDirectories {
  private count = 0;

  constructor(
    /** The parent of the directories; created if missing. */
    private readonly root: string,
    /** Called if a directory cannot be removed. */
    private readonly onDirectoryLeft?: (error: Error) => void,
  ) {}

  take(): string {
    this.count += 1;
    const directory = join(this.root, String(this.count));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  release(directory: string): void {
    void removeDirectory(directory, this.onDirectoryLeft);
  }
}

/**
 * One directory for all processes. Without lean mode the CLI includes its path in the prompt, so different directories
 * would share no prefix in the provider's prompt cache. Only for processes without tools, which neither read nor write
 * there.
 */
export class SharedWorkingDirectory implements WorkingDirectories {
  private readonly directory: string;

  constructor(root: string) {
    this.directory = join(root, 'chat');
  }

  take(): string {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    return this.directory;
  }

  release(): void {
    // The directory stays as long as the service runs.
  }
}
