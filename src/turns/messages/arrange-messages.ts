import { resultsFirst } from '../../claude-cli/turn/results-first.ts';
import type { ConversationMessage, UserMessage } from '../../claude-cli/turn/turn.ts';
import type { Draft, MessageSource } from './message-source.ts';
import { NO_CONTENT } from './message-texts.ts';
import { missingResults, toDrafts } from './to-drafts.ts';
import { ToolCallLedger, type OpenCall } from './tool-call-ledger.ts';

/** The messages of a request in the form that the CLI accepts. */
export interface ArrangedMessages {
  readonly system: readonly string[];
  readonly history: readonly ConversationMessage[];
  readonly message: UserMessage;
}

/** Asks for an answer if the client's last message is not the user's. */
const CONTINUE = 'Continue.';

/** A conversation that a request continues. */
export interface ContinuedConversation {
  /** Its messages, in alternating roles. */
  readonly held: readonly ConversationMessage[];
  /** How many of the request's first messages it already holds. */
  readonly known: number;
}

const NOTHING: ContinuedConversation = { held: [], known: 0 };

/** The messages end with tool calls without a result, so the model cannot continue. */
export class UnansweredCallsError extends Error {
  constructor(readonly calls: readonly OpenCall[]) {
    super('the messages end with calls that have no result');
    this.name = 'UnansweredCallsError';
  }
}

/**
 * Arranges messages, in any order that a client may send, to system texts, a history whose roles alternate strictly, and
 * the user message to answer. docs/compatibility.md has the rules. Throws an UnansweredCallsError.
 */
export function arrangeMessages(source: MessageSource, { held, known } = NOTHING): ArrangedMessages {
  const drafts = held.map((message) => ({ ...message, content: [...message.content] }) as Draft);
  const calls = new ToolCallLedger(held);
  for (const { draft } of toDrafts(source, { calls, start: known, before: held.at(-1)?.role })) {
    add(drafts, draft);
  }
  const open = calls.takeOpen();
  if (open.length > 0 && drafts.at(-1)?.role === 'assistant') throw new UnansweredCallsError(open);
  if (open.length > 0) add(drafts, missingResults(open));
  return { system: source.system, ...split(drafts) };
}

/** Adds a message, or joins it to the last one if the role is the same. Drops an assistant message without content. */
function add(drafts: Draft[], draft: Draft): void {
  const last = drafts.at(-1);
  // Not with a spread, because the number of arguments is limited.
  if (last?.role === 'user' && draft.role === 'user') for (const block of draft.content) last.content.push(block);
  else if (last?.role === 'assistant' && draft.role === 'assistant')
    for (const block of draft.content) last.content.push(block);
  else if (draft.role === 'user' || draft.content.length > 0) drafts.push(draft);
}

function split(drafts: readonly Draft[]): { history: ConversationMessage[]; message: UserMessage } {
  const messages = drafts.map((draft): ConversationMessage => {
    if (draft.role === 'assistant') return draft;
    return draft.content.length > 0 ? { role: 'user', content: resultsFirst(draft.content) } : userText(NO_CONTENT);
  });
  // The CLI cannot rewind a conversation that begins with an answer.
  if (messages[0]?.role === 'assistant') messages.unshift(userText(NO_CONTENT));
  const last = messages.at(-1);
  if (last?.role !== 'user') return { history: messages, message: userText(CONTINUE) };
  return { history: messages.slice(0, -1), message: last };
}

function userText(text: string): UserMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}
