import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';
import type { ToolCallLedger } from './tool-call-ledger.ts';

/** A message by itself, before neighbours of one role are joined. */
export type Draft = { role: 'user'; content: UserBlock[] } | { role: 'assistant'; content: AssistantBlock[] };

/** The messages of a request, whatever the API that they came through. */
export interface MessageSource {
  /** How many there are, system texts among them. */
  readonly length: number;
  /** The system texts in order, none of them blank. */
  readonly system: readonly string[];
  /** The message at a position, whose calls and results are noted in `calls`; undefined for a system text. */
  draft(index: number, calls: ToolCallLedger): Draft | undefined;
}
