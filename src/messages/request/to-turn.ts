import type { HeldConversation } from '../../answers/continue-conversation.ts';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import { mapTurn, placeMessages, type PlacedMessages } from '../../answers/door/map-turn.ts';
import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import { refuseIgnored } from '../../common/body/refuse-ignored.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { UnansweredCallsError } from '../../turns/messages/arrange-messages.ts';
import type { DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
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
  const { turn, isThinkingLost } = mapTurn({ model: model.cliModel, messages, tools: mapTools(request), settings });
  return {
    turn,
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
): PlacedMessages {
  try {
    return placeMessages(messageSource(request, media), conversation, cliModel, settings);
  } catch (error) {
    throw error instanceof UnansweredCallsError ? unansweredCalls(error) : error;
  }
}
