import { continueConversation, type Continuation, type HeldConversation } from '../../answers/continue-conversation.ts';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import { refuseIgnored } from '../../common/body/refuse-ignored.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { arrangeMessages, UnansweredCallsError, type ArrangedMessages } from '../../turns/messages/arrange-messages.ts';
import type { DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
import { withoutThinking } from '../../turns/thinking/without-thinking.ts';
import { offerTools } from '../../turns/tools/offer-tools.ts';
import { checkParameters } from './check-parameters.ts';
import type { MessagesRequest } from './dto/messages-request.ts';
import { mapParameters } from './map-parameters.ts';
import { mapTools } from './map-tools.ts';
import { messageSource, unansweredCalls } from './message-source.ts';

export interface ToTurnOptions {
  readonly defaultEffort: DefaultEffort;
  /** Whether a field without effect is refused instead of being named in a header. */
  readonly isStrict: boolean;
  /** The conversation that the request goes on with, if it does. */
  readonly conversation?: HeldConversation;
}

/** Translates a request. Pure; throws a GatewayError of status 400 for what cannot be honoured. */
export function toTurn(
  request: MessagesRequest,
  model: ResolvedModel,
  media: ResolvedMedia,
  options: ToTurnOptions,
): MappedTurn {
  const unused = checkParameters(request);
  const { settings, ignored } = mapParameters(request, model, options.defaultEffort);
  const all = [...unused, ...ignored];
  if (options.isStrict) refuseIgnored(all);
  const { continuation, ...messages } = messagesOf(request, model, media, settings, options.conversation);
  const offered = offerTools(mapTools(request), messages.history, settings);
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

function messagesOf(
  request: MessagesRequest,
  { cliModel }: ResolvedModel,
  media: ResolvedMedia,
  settings: TurnSettings,
  conversation: HeldConversation | undefined,
): ArrangedMessages & { continuation?: Continuation } {
  const source = messageSource(request, media);
  try {
    if (!conversation) return arrangeMessages(source);
    // A model gets back its own thinking of earlier turns, as long as it thinks.
    return continueConversation(source, conversation, settings.thinking === 'off' ? undefined : cliModel);
  } catch (error) {
    throw error instanceof UnansweredCallsError ? unansweredCalls(error) : error;
  }
}
