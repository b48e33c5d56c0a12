import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { Session, SessionLauncher } from '../stock/session.ts';

/** The pauses between two tries: short at first, since a login is often renewed at once. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Finds out whether credentials that were refused are taken again, without a request that costs anything: a fresh process,
 * which has read them anew, has the API count tokens.
 */
export class LoginProbe {
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private session: Session | undefined;
  private isStopped = false;

  constructor(
    private readonly launcher: SessionLauncher,
    private readonly profile: Profile,
    /** Whether there is still something to find out. */
    private readonly isNeeded: () => boolean,
    private readonly onAccepted: () => void,
  ) {}

  /** Begins, unless it has already; it ends by itself. */
  start(): void {
    if (this.timer || this.session || this.isStopped) return;
    this.timer = setTimeout(() => void this.tryOnce(), this.pauseMs);
    this.timer.unref();
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
  }

  /** Ends it for good. Resolves when nothing of it is left. */
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
      // A CLI that cannot be started is noticed where the pool starts one.
      return false;
    } finally {
      await this.session?.end();
      this.session = undefined;
    }
  }
}
