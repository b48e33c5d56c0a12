import { promptTokens } from '../claude-cli/turn/token-usage.ts';
import type { AssistantBlock, ConversationMessage, Turn, TurnFinish } from '../claude-cli/turn/turn.ts';
import { heldDigest, messageDigest } from '../claude-cli/session/message-digest.ts';
import type { ConversationChange } from '../conversations/store/conversation-store.ts';
import { systemItems, toItems } from '../conversations/to-items.ts';
import type { AnswerTotals } from '../turns/answer-totals.ts';
import type { Continuation } from './continue-conversation.ts';
import { messagesUnderModelNames } from '../turns/property-names/rename-turn.ts';

/** The request's part of its conversation, independent of the answer. */
export type RequestRecord = Required<Pick<ConversationChange, 'items' | 'replacesSystem'>>;

export interface EndedTurn {
  readonly turn: Turn;
  readonly record: RequestRecord;
  /** Undefined for a conversation that begins with this turn. */
  readonly continuation: Continuation | undefined;
  /** The client's name of the model. */
  readonly model: string;
  readonly finish: TurnFinish;
  /** The text that the client got. */
  readonly text: string;
  readonly totals: AnswerTotals;
  /** Whether a process holds the turn, unlike one from the response cache. */
  readonly isHeld: boolean;
}

/** @param continuation undefined for a conversation that begins with the turn */
export function requestRecord(turn: Turn, continuation: Continuation | undefined): RequestRecord {
  const said = continuation?.added ?? [...turn.history, turn.message];
  const system = continuation ? continuation.system : turn.system;
  return {
    items: [
      ...systemItems(system ?? []),
      ...said.flatMap((message) => toItems(message, message.role === 'assistant' ? turn.model : undefined)),
    ],
    replacesSystem: system !== undefined,
  };
}

/** The changes of a successful turn to its conversation. A refused one adds its usage, and nothing to continue. */
export function turnRecord(ended: EndedTurn): ConversationChange {
  const { turn, record, continuation, model, finish, text, totals, isHeld } = ended;
  const { usage } = totals;
  const counts = {
    model,
    usage: {
      promptTokens: promptTokens(usage),
      cachedTokens: usage.cacheReadTokens,
      completionTokens: usage.outputTokens,
      reasoningTokens: usage.thinkingTokens,
    },
    ...(totals.costUsd !== undefined && { costUsd: totals.costUsd }),
  };
  if (finish.reason === 'refusal') return counts;
  const answer = answerOf(finish, text);
  const held = messagesUnderModelNames([...turn.history, turn.message, answer], turn.tools);
  return {
    ...counts,
    items: [...record.items, ...toItems(answer, turn.model)],
    replacesSystem: record.replacesSystem,
    isAdmitted: true,
    ...(isHeld && { head: heldDigest(held.map(messageDigest)) }),
    ...(continuation && {
      historyStart: continuation.historyStart,
      droppedMessages: continuation.droppedMessages,
    }),
  };
}

/** The answer in a form for the model, with the text that the client got. */
function answerOf({ reason, content }: TurnFinish, told: string): ConversationMessage & { role: 'assistant' } {
  // A call that was cut off was never made.
  const whole = reason === 'length' ? content.filter(({ type }) => type !== 'tool_use') : content;
  const blocks = whole.filter((block) => block.type !== 'text' || block.text !== '');
  if (textOf(blocks) === told) return { role: 'assistant', content: blocks };
  // The CLI used its own tools meanwhile: the text before that belongs to the answer too.
  const text: AssistantBlock[] = told === '' ? [] : [{ type: 'text', text: told }];
  return { role: 'assistant', content: [...text, ...blocks.filter(({ type }) => type === 'tool_use')] };
}

function textOf(blocks: readonly AssistantBlock[]): string {
  return blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
