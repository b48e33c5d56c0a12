import type { Draft, MessageSource } from './message-source.ts';
import type { OpenCall, ToolCallLedger } from './tool-call-ledger.ts';

export interface DraftsOptions {
  /** Follows the calls; knows those that were made before. */
  readonly calls: ToolCallLedger;
  /** The position of the first message to read. */
  readonly start?: number;
  /** Who spoke before it. */
  readonly before?: Draft['role'] | undefined;
}

/** A draft, and how many messages of the request are told once it was told. */
export interface PlacedDraft {
  readonly draft: Draft;
  readonly end: number;
}

/** What the Messages API is given for a call that nobody has given a result of: it wants one for each. */
const NO_RESULT = 'No result was given for this call.';

/**
 * The messages of a request one by one, without system texts. A result that comes late, behind words of the user, is that
 * of its call; where the assistant speaks first, the call is told to have none.
 */
export function* toDrafts(source: MessageSource, { calls, start = 0, before }: DraftsOptions): Generator<PlacedDraft> {
  let role = before;
  for (let index = start; index < source.length; index++) {
    const draft = source.draft(index, calls);
    if (!draft) continue;
    const isSilent = draft.role === 'assistant' && draft.content.length === 0;
    if (draft.role === 'assistant' && !isSilent && role === 'user') {
      const open = calls.takeOpen(index);
      if (open.length > 0) yield { draft: missingResults(open), end: index };
    }
    if (!isSilent) role = draft.role;
    yield { draft, end: index + 1 };
  }
}

/** The results of calls that have none. */
export function missingResults(open: readonly OpenCall[]): Draft {
  const content = open.map(({ modelId }) => ({
    type: 'tool_result' as const,
    tool_use_id: modelId,
    content: NO_RESULT,
    is_error: true,
  }));
  return { role: 'user', content };
}
