import type { TurnEvent } from '../claude-cli/turn/turn.ts';

/** What one of an answer's choices tells. Every choice ends with its own `finish`; the answer ends after the last of them. */
export interface AnswerEvent {
  /** From 0. */
  readonly choice: number;
  readonly event: TurnEvent;
  /** Set on a `finish` that was told before, to somebody else: what it took was spent for them. */
  readonly isRepeated?: true;
}
