import type { ClaudeCliError } from '../errors.ts';
import type { Spending } from './spending.ts';
import type { TurnEvent, TurnFinish } from './turn.ts';
import type { UnknownContentReport } from './unknown-content.ts';

export interface TurnExchangeOptions {
  /** Under which the user message was sent; results of other messages are not this turn's. */
  readonly messageUuid: string;
  /** Whether the model may act with tools of the CLI, so that a turn can hold several messages. */
  readonly hasOwnTools: boolean;
  /** Stop sequences that the API does not take: the turn ends at the first of them in its text. */
  readonly stopSequences: readonly string[];
  /** What the process had spent before the turn. */
  readonly spentBefore: Spending;
  readonly emit: (event: TurnEvent) => void;
  /** The turn is to be ended before the CLI goes on by itself; its result is still awaited. */
  readonly interrupt: () => void;
  /**
   * Called once the answer has begun, unless the CLI may act with tools of its own: from then on no request that the CLI
   * makes by itself may reach the model.
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
