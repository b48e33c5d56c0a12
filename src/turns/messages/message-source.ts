import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import type { ToolCallLedger } from './tool-call-ledger.ts';

/** A single message, before adjacent ones of the same role are joined. */
export type Draft = { role: 'user'; content: UserBlock[] } | { role: 'assistant'; content: AssistantBlock[] };

/** The messages of a request, independent of its API. */
export interface MessageSource {
  /** The number of messages, including system texts. */
  readonly length: number;
  /** The system texts in order, none of them blank. */
  readonly system: readonly string[];
  /** The message at a position; records its calls and results in `calls`. Undefined for a system text. */
  draft(index: number, calls: ToolCallLedger): Draft | undefined;
}
