import type { TurnEvent } from '../claude-cli/turn/turn.ts';

/** An event of one choice. Every choice ends with its own `finish`; the answer ends after the last of them. */
export interface AnswerEvent {
  /** From 0. */
  readonly choice: number;
  readonly event: TurnEvent;
  /** Set on a repeated `finish`: its usage belongs to another request. */
  readonly isRepeated?: true;
}
