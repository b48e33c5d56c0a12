import type { ClaudeCliError } from '../errors.ts';
import type { Spending } from './spending.ts';
import type { TurnEvent, TurnFinish } from './turn.ts';
import type { UnknownContentReport } from './unknown-content.ts';

export interface TurnExchangeOptions {
  /** The uuid of the turn's user message; results of other messages are ignored. */
  readonly messageUuid: string;
  /** Whether the model has tools of the CLI, so that a turn can have several messages. */
  readonly hasOwnTools: boolean;
  /** Stop sequences that the API does not accept: the turn ends at the first of them in its text. */
  readonly stopSequences: readonly string[];
  /** The spending of the process before the turn. */
  readonly spentBefore: Spending;
  readonly emit: (event: TurnEvent) => void;
  /** Ends the turn before the CLI continues by itself; the result is still awaited. */
  readonly interrupt: () => void;
  /**
   * Called once the answer has begun, unless the model has tools of its own: from then on the CLI's own requests must not
   * reach the model.
   */
  readonly closeUpstream: () => void;
  /** Called once for each unknown kind of content, which is left out of the answer. */
  readonly onUnknown?: (part: UnknownContentReport) => void;
}

/** How a turn ended. */
export interface TurnOutcome {
  readonly finish?: TurnFinish;
  readonly error?: ClaudeCliError;
  /** Whether the CLI's transcript now ends with exactly this answer. */
  readonly isKept: boolean;
  /** The uuid of the answer in the transcript. */
  readonly assistantUuid?: string;
  /** The CLI's running total in US dollars. */
  readonly totalCostUsd?: number;
}
