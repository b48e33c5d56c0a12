import type { Draft, MessageSource } from './message-source.ts';
import type { OpenCall, ToolCallLedger } from './tool-call-ledger.ts';

export interface DraftsOptions {
  /** Records the calls; contains the earlier ones. */
  readonly calls: ToolCallLedger;
  /** The position of the first message to read. */
  readonly start?: number;
  /** The role of the message before it. */
  readonly before?: Draft['role'] | undefined;
}

/** A draft, and the number of the request's messages that are read after it. */
export interface PlacedDraft {
  readonly draft: Draft;
  readonly end: number;
}

/** The result for a call without one; the Messages API requires a result for each call. */
const NO_RESULT = 'No result was given for this call.';

/**
 * The messages of a request one by one, without system texts. A late result, after text of the user, still goes to its
 * call; if the assistant continues first, the call gets an error result.
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

/** Substitute results for calls without one. */
export function missingResults(open: readonly OpenCall[]): Draft {
  const content = open.map(({ modelId }) => ({
    type: 'tool_result' as const,
    tool_use_id: modelId,
    content: NO_RESULT,
    is_error: true,
  }));
  return { role: 'user', content };
}
