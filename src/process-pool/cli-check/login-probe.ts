import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { Session, SessionLauncher } from '../stock/session.ts';

/** The pauses between two attempts: short at first, since a login is often renewed at once. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Tests free of charge whether the provider accepts refused credentials again: a fresh process reads them anew and has the
 * API count tokens.
 */
export class LoginProbe {
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private session: Session | undefined;
  private isStopped = false;

  constructor(
    private readonly launcher: SessionLauncher,
    private readonly profile: Profile,
    /** Whether the credentials still count as refused. */
    private readonly isNeeded: () => boolean,
    private readonly onAccepted: () => void,
  ) {}

  /** Starts the attempts unless they already run. They stop by themselves. */
  start(): void {
    if (this.timer || this.session || this.isStopped) return;
    this.timer = setTimeout(() => void this.tryOnce(), this.pauseMs);
    this.timer.unref();
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
  }

  /** Stops for good. Resolves when the process of the attempt has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.session?.kill();
  }

  private async tryOnce(): Promise<void> {
    this.timer = undefined;
    if (this.isNeeded() && (await this.ask())) this.onAccepted();
    if (this.isNeeded()) this.start();
    else this.pauseMs = FIRST_PAUSE_MS;
  }

  private async ask(): Promise<boolean> {
    try {
      this.session = this.launcher.launch(this.profile, () => undefined);
      return await this.session.isLoginAccepted();
    } catch {
      // The pool reports a CLI that cannot start.
      return false;
    } finally {
      await this.session?.end();
      this.session = undefined;
    }
  }
}
