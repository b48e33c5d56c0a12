import type { Observable } from 'rxjs';
import type { ClaudeSession } from '../../claude-cli/session/claude-session.ts';
import type { Initialization } from '../../claude-cli/session/initialization.ts';
import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { SessionEvent } from '../../claude-cli/session/session-event.ts';
import type { Turn, TurnEvent } from '../../claude-cli/turn/turn.ts';

/** The pool's interface to a process; `ClaudeSession` implements it. */
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

/** Starts processes; tests replace it. */
export interface SessionLauncher {
  /**
   * Returns a starting process, which is ready when `initialize` has resolved. Throws if the launch fails.
   *
   * @param onEvent called for events outside its turns, never before this returns
   */
  launch(profile: Profile, onEvent: (event: SessionEvent) => void): Session;
}
