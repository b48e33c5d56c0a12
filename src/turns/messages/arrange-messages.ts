import { resultsFirst } from '../../claude-cli/turn/results-first.ts';
import type { ConversationMessage, UserMessage } from '../../claude-cli/turn/turn.ts';
import type { Draft, MessageSource } from './message-source.ts';
import { NO_CONTENT } from './message-texts.ts';
import { missingResults, toDrafts } from './to-drafts.ts';
import { ToolCallLedger, type OpenCall } from './tool-call-ledger.ts';

/** The messages of a request in the form that the CLI takes. */
export interface ArrangedMessages {
  readonly system: readonly string[];
  readonly history: readonly ConversationMessage[];
  readonly message: UserMessage;
}

/** Asks for an answer where the client's last message is not the user's. */
const CONTINUE = 'Continue.';

/** A conversation that a request goes on with. */
export interface ContinuedConversation {
  /** What it holds, in alternating roles. */
  readonly held: readonly ConversationMessage[];
  /** How many of the request's messages are held already, from its first. */
  readonly known: number;
}

const NOTHING: ContinuedConversation = { held: [], known: 0 };

/** The messages end with tool calls that have no result: there is nothing yet that the model could go on with. */
export class UnansweredCallsError extends Error {
  constructor(readonly calls: readonly OpenCall[]) {
    super('the messages end with calls that have no result');
    this.name = 'UnansweredCallsError';
  }
}

/**
 * Arranges messages, in any order a client may send, to system texts, a history whose roles alternate strictly, and the
 * user message to answer. The rules stand in docs/compatibility.md. Throws an UnansweredCallsError.
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

/** Adds a message; one of the same role as the last continues it, an assistant's without content says nothing. */
function add(drafts: Draft[], draft: Draft): void {
  const last = drafts.at(-1);
  // One by one: a call takes only so many arguments.
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
  // The CLI cannot take a conversation back that begins with an answer.
  if (messages[0]?.role === 'assistant') messages.unshift(userText(NO_CONTENT));
  const last = messages.at(-1);
  if (last?.role !== 'user') return { history: messages, message: userText(CONTINUE) };
  return { history: messages.slice(0, -1), message: last };
}

function userText(text: string): UserMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}
