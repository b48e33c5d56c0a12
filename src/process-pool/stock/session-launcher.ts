import { ClaudeSession } from '../../claude-cli/session/claude-session.ts';
import { launchArguments, type Profile } from '../../claude-cli/transport/launch-options.ts';
import type { RateLimit } from '../../claude-cli/turn/rate-limit.ts';
import type { SessionEvent } from '../../claude-cli/session/session-event.ts';
import type { ProcessRecord } from '../system/process-record.ts';
import type { Session, SessionLauncher } from './session.ts';
import type { WorkingDirectories } from './working-directories.ts';

export interface ClaudeSessionLauncherOptions {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The CLI's identity, read at each start. */
  readonly identity: () => string;
  readonly directories: WorkingDirectories;
  readonly record: ProcessRecord;
  /** See `ClaudeSessionOptions`. */
  readonly rehearsalUrl?: string | undefined;
  readonly onRateLimit?: (limit: RateLimit) => void;
  /** Called before each start; throws if the command must not start. */
  readonly beforeLaunch?: () => void;
}

/** Starts real CLI processes and keeps the record of the running ones. */
export class ClaudeSessionLauncher implements SessionLauncher {
  constructor(private readonly options: ClaudeSessionLauncherOptions) {}

  launch(profile: Profile, onEvent: (event: SessionEvent) => void): Session {
    this.options.beforeLaunch?.();
    const workingDirectory = this.options.directories.take();
    const session = this.start(profile, workingDirectory, onEvent);
    const { pid } = session;
    if (pid !== undefined) this.options.record.add(pid);
    void session.ended.then(() => {
      if (pid !== undefined) this.options.record.remove(pid);
      this.options.directories.release(workingDirectory);
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
        ...(this.options.rehearsalUrl !== undefined && { rehearsalUrl: this.options.rehearsalUrl }),
        ...(this.options.onRateLimit && { onRateLimit: this.options.onRateLimit }),
        onEvent,
      });
    } catch (error) {
      this.options.directories.release(workingDirectory);
      throw error;
    }
  }
}
