import type { Profile } from '../transport/launch-options.ts';
import type { CliConnection } from '../transport/cli-connection.ts';
import { toFlagSettings } from '../turn/to-flag-settings.ts';
import type { Turn } from '../turn/turn.ts';
import { closedUpstream, openUpstream, otherUpstream, upstreamOf, type Upstream } from './upstream-switch.ts';

/** The settings of a running process: those of its turn, and its upstream. */
export class LiveSettings {
  private readonly upstream: Upstream;
  private applied = '';

  /**
   * @param identity the CLI's identity block
   * @param environment of the process
   */
  constructor(
    private readonly connection: CliConnection,
    private readonly profile: Profile,
    private readonly identity: string,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.upstream = upstreamOf(environment);
  }

  /**
   * Applies the settings of a turn unless they are in force. Does not wait: the CLI processes its input in order, so they
   * hold for the next message.
   *
   * @param upstream whether requests reach the model, fail inside the process, or reach another URL
   */
  apply(turn: Turn, upstream: 'open' | 'closed' | { readonly url: string }): void {
    const { env, ...others } = toFlagSettings(turn, this.identity, this.profile.lean);
    const settings = { ...others, env: { ...env, ...this.address(upstream) } };
    const applied = JSON.stringify(settings);
    if (applied === this.applied) return;
    this.connection.control
      .request({ subtype: 'apply_flag_settings', settings })
      .catch((error: unknown) => this.connection.fail(error as Error));
    this.applied = applied;
  }

  private address(upstream: 'open' | 'closed' | { readonly url: string }): Readonly<Record<string, string>> {
    if (upstream === 'open') return openUpstream(this.upstream);
    return upstream === 'closed' ? closedUpstream(this.upstream) : otherUpstream(this.upstream, upstream.url);
  }

  /**
   * Keeps the CLI's own requests from the model: after an answer that broke off, reached its limit or was empty it asks
   * again, with sentences of its own. Holds until settings are applied after the turn.
   */
  closeUpstream(): void {
    this.applied = '';
    this.connection.control
      .request({ subtype: 'apply_flag_settings', settings: { env: closedUpstream(this.upstream) } })
      .catch((error: unknown) => this.connection.kill(error as Error));
  }
}
