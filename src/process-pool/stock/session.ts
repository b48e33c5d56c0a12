import type { Observable } from 'rxjs';
import type { ClaudeSession } from '../../claude-cli/session/claude-session.ts';
import type { Initialization } from '../../claude-cli/session/initialization.ts';
import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { SessionEvent } from '../../claude-cli/session/session-event.ts';
import type { Turn, TurnEvent } from '../../claude-cli/turn/turn.ts';

/** What the pool needs of a process; `ClaudeSession` is the real one. */
export interface Session extends Pick<
  ClaudeSession,
  | 'pid'
  | 'ended'
  | 'hasEnded'
  | 'held'
  | 'heldContext'
  | 'settle'
  | 'rehearse'
  | 'keepable'
  | 'empty'
  | 'spent'
  | 'isLoginAccepted'
  | 'end'
  | 'kill'
> {
  initialize(system?: readonly string[]): Promise<Initialization>;
  run(turn: Turn, keep: number): Observable<TurnEvent>;
}

/** Starts processes; the seam at which tests put their own. */
export interface SessionLauncher {
  /**
   * The process is starting when this returns; it is ready when `initialize` has resolved. Throws when it cannot even be
   * started.
   *
   * @param onEvent told what happens to it beside its turns, never before this has returned
   */
  launch(profile: Profile, onEvent: (event: SessionEvent) => void): Session;
}
