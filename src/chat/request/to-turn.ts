import type { ToolDefinition, Turn, TurnSettings } from '../../claude-cli/turn/turn.ts';
import { refuseIgnored } from '../../common/body/refuse-ignored.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { checkAvailability } from './check-parameters.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { continueConversation, type Continuation, type HeldConversation } from '../../answers/continue-conversation.ts';
import { mapMessages, type MappedMessages } from '../../turns/messages/arrange-messages.ts';
import { mapParameters } from './map-parameters.ts';
import type { DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
import { mapTools } from './map-tools.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import { withoutThinking } from '../../turns/thinking/without-thinking.ts';

export interface ToTurnOptions {
  readonly defaultEffort: DefaultEffort;
  /** Whether a field without effect is refused instead of being named in a header. */
  readonly isStrict: boolean;
  /** The conversation that the request goes on with, if it does. */
  readonly conversation?: HeldConversation;
}

export interface MappedRequest {
  /** Set for a turn that goes on with a conversation. */
  readonly continuation?: Continuation;
  readonly turn: Turn;
  /** Fields that were accepted but have no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/** Translates a request. Pure; throws a GatewayError of status 400 for what cannot be honoured. */
export function toTurn(
  request: ChatCompletionRequest,
  model: ResolvedModel,
  media: ResolvedMedia,
  options: ToTurnOptions,
): MappedRequest {
  const unused = checkAvailability(request);
  const { settings, ignored } = mapParameters(request, model, options.defaultEffort);
  const all = [...unused, ...ignored];
  if (options.isStrict) refuseIgnored(all);
  const { continuation, ...messages } = options.conversation
    ? continueConversation(request.messages, media, options.conversation, thinkerOf(model, settings))
    : { ...mapMessages(request.messages, media), continuation: undefined };
  const offered = offerTools(mapTools(request), messages, settings);
  const history = settings.thinking === 'off' ? withoutThinking(messages.history) : messages.history;
  const isThinkingLost = history !== messages.history;
  return {
    turn: { model: model.cliModel, ...messages, history, ...offered },
    ignored: isThinkingLost
      ? [...all, 'messages.content.thinking (not available while the model does not think)']
      : all,
    ...(continuation && { continuation }),
  };
}

/** Whose thinking of earlier turns the model is given: its own, as long as it thinks. */
function thinkerOf({ cliModel }: ResolvedModel, { thinking }: TurnSettings): string | undefined {
  return thinking === 'off' ? undefined : cliModel;
}

/**
 * The tools of the turn. The Messages API refuses a conversation with calls but without tools, which clients send to get
 * a closing answer: the tools that were called are then declared without detail, and may not be called again.
 */
function offerTools(
  tools: readonly ToolDefinition[],
  { history }: MappedMessages,
  settings: TurnSettings,
): Pick<Turn, 'tools' | 'settings'> {
  if (tools.length > 0) return { tools, settings };
  const called = history.flatMap((message) =>
    message.role === 'assistant'
      ? message.content.flatMap((block) => (block.type === 'tool_use' ? block.name : []))
      : [],
  );
  if (called.length === 0) return { tools, settings };
  const declared = [...new Set(called)].map((name) => ({ name, inputSchema: { type: 'object' } }));
  return { tools: declared, settings: { ...settings, toolChoice: { type: 'none' } } };
}
