import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClaudeSession } from '../claude-cli/claude-session.ts';
import { hasOwnTools, launchArguments, type Profile } from '../claude-cli/launch-options.ts';
import type { RateLimit } from '../claude-cli/rate-limit.ts';
import type { SessionEvent } from '../claude-cli/session-event.ts';
import type { ProcessRecord } from './process-record.ts';
import { removeDirectory } from './remove-directory.ts';
import type { Session, SessionLauncher } from './session.ts';

export interface ClaudeSessionLauncherOptions {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the CLI says it is; asked for at each start. */
  readonly identity: () => string;
  /** Below it each process gets an empty directory of its own, or the one that plain chat shares. */
  readonly workingRoot: string;
  readonly record: ProcessRecord;
  /** Told when the directory of a process that has ended cannot be removed. */
  readonly onDirectoryLeft?: (error: Error) => void;
  readonly onRateLimit?: (limit: RateLimit) => void;
  /** Called before each start; throws when the command is not to be started. */
  readonly beforeLaunch?: () => void;
}

const SHARED_DIRECTORY = 'chat';

/**
 * Without lean mode the CLI tells the model the path of its directory: it has to be the same for every process, else no
 * two of them share a prefix in the provider's prompt cache. Nothing is read or written there without tools.
 */
function isDirectoryShared(profile: Profile): boolean {
  return !profile.lean && !hasOwnTools(profile);
}

/** Starts real CLI processes in empty directories, and keeps the record of those that run. */
export class ClaudeSessionLauncher implements SessionLauncher {
  private count = 0;

  constructor(private readonly options: ClaudeSessionLauncherOptions) {}

  launch(profile: Profile, onEvent: (event: SessionEvent) => void): Session {
    this.options.beforeLaunch?.();
    this.count += 1;
    const isShared = isDirectoryShared(profile);
    const workingDirectory = join(this.options.workingRoot, isShared ? SHARED_DIRECTORY : String(this.count));
    mkdirSync(workingDirectory, { recursive: true, mode: 0o700 });
    const session = this.start(profile, workingDirectory, onEvent);
    const { pid } = session;
    if (pid !== undefined) this.options.record.add(pid);
    void session.ended.then(() => {
      if (pid !== undefined) this.options.record.remove(pid);
      if (!isShared) removeDirectory(workingDirectory, this.options.onDirectoryLeft);
    });
    return session;
  }

  private start(profile: Profile, workingDirectory: string, onEvent: (event: SessionEvent) => void): ClaudeSession {
    try {
      return new ClaudeSession({
        command: this.options.command,
        launchArguments: launchArguments(profile),
        environment: this.options.environment,
        workingDirectory,
        profile,
        identity: this.options.identity(),
        ...(this.options.onRateLimit && { onRateLimit: this.options.onRateLimit }),
        onEvent,
      });
    } catch (error) {
      if (!isDirectoryShared(profile)) removeDirectory(workingDirectory, this.options.onDirectoryLeft);
      throw error;
    }
  }
}
