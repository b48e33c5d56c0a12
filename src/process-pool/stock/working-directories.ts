import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeDirectory } from '../system/remove-directory.ts';

/** Decides which directory each process works in. */
export interface WorkingDirectories {
  /** The directory of the next process, which exists when this returns. */
  take(): string;
  /** To be called when the process has ended or could not be started. */
  release(directory: string): void;
}

/** An empty directory for each process, removed when it has ended. */
export class OwnWorkingDirectories implements WorkingDirectories {
  private count = 0;

  constructor(
    /** Where they are; it is made when it is not there. */
    private readonly root: string,
    /** Told of a directory that cannot be removed. */
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
 * One directory for all processes. Without lean mode the CLI tells the model its path, so that processes with directories
 * of their own would share no prefix in the provider's prompt cache. Only for processes without tools, which neither read
 * nor write there.
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
    // It stays as long as the service runs.
  }
}
