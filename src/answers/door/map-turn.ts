import type { ToolDefinition, Turn, TurnSettings } from '../../claude-cli/turn/turn.ts';
import { arrangeMessages, type ArrangedMessages } from '../../turns/messages/arrange-messages.ts';
import type { MessageSource } from '../../turns/messages/message-source.ts';
import { withoutThinking } from '../../turns/thinking/without-thinking.ts';
import { offerTools } from '../../turns/tools/offer-tools.ts';
import { continueConversation, type Continuation, type HeldConversation } from '../continue-conversation.ts';

/** The messages of a turn, and what they make of the conversation that they continue. */
export type PlacedMessages = ArrangedMessages & { readonly continuation?: Continuation };

/**
 * Arranges the messages of a request, behind those of its conversation if it has one. Throws an UnansweredCallsError.
 *
 * @param model gets back its own thinking of earlier turns, as long as it thinks
 */
export function placeMessages(
  source: MessageSource,
  held: HeldConversation | undefined,
  model: string,
  { thinking }: TurnSettings,
): PlacedMessages {
  if (!held) return arrangeMessages(source);
  return continueConversation(source, held, thinking === 'off' ? undefined : model);
}

export interface TurnParts {
  /** A model id or alias of the CLI. */
  readonly model: string;
  readonly messages: ArrangedMessages;
  readonly tools: readonly ToolDefinition[];
  readonly settings: TurnSettings;
}

/** The turn of its parts: a history with calls has tools, and one for a model that does not think has no thinking. */
export function mapTurn({ model, messages, tools, settings }: TurnParts): {
  readonly turn: Turn;
  /** Whether the history had thinking that the model does not get. */
  readonly isThinkingLost: boolean;
} {
  const { system, message } = messages;
  const history = settings.thinking === 'off' ? withoutThinking(messages.history) : messages.history;
  const offered = offerTools(tools, messages.history, settings);
  return {
    turn: { model, system, history, message, ...offered },
    isThinkingLost: history !== messages.history,
  };
}
