import type { Continuation, HeldConversation } from '../../answers/continue-conversation.ts';
import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import { mapTurn, placeMessages } from '../../answers/door/map-turn.ts';
import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import { refuseIgnored } from '../../common/body/refuse-ignored.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { chooseSampling } from '../../turns/choose-sampling.ts';
import { UnansweredCallsError, type ArrangedMessages } from '../../turns/messages/arrange-messages.ts';
import { isBlank } from '../../turns/messages/message-texts.ts';
import { chooseThinking, type DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
import { checkFields } from './check-fields.ts';
import type { MediaPart } from './input-item.ts';
import { inputMessages, unansweredCalls } from './input-messages.ts';
import { mapToolChoice } from './map-tool-choice.ts';
import { missingMedia } from './media-parts.ts';
import type { OfferedTools } from './offered-tools.ts';
import type { PlacedItems } from './place-items.ts';
import type { ResponseRequest } from './response-request.ts';

/** A request with everything that it means outside of its conversation. */
export interface UnderstoodResponse {
  readonly request: ResponseRequest;
  readonly model: ResolvedModel;
  readonly tools: OfferedTools;
  readonly placed: PlacedItems;
  readonly media: ResolvedMedia<MediaPart>;
  /** Bounds in schemas that have become other numbers, in words for a header. */
  readonly changedNumbers: readonly string[];
}

export interface ToTurnOptions {
  readonly defaultEffort: DefaultEffort;
  /** Whether a field without effect is refused instead of being named in a header. */
  readonly isStrict: boolean;
  /** The conversation that the request goes on with, if it does. */
  readonly held?: HeldConversation;
  /** Whether what it goes on with is copied into a conversation of its own. */
  readonly isCopied: boolean;
}

/** Translates a request. Pure; throws a GatewayError of status 400 for what cannot be honoured. */
export function toTurn(understood: UnderstoodResponse, options: ToTurnOptions): MappedTurn {
  const { request, model, tools, placed, media } = understood;
  const unused = checkFields(request);
  const { settings, only, ignored } = mapSettings(understood, options.defaultEffort);
  const all = [...understood.changedNumbers, ...unused, ...toolHints(tools), ...placed.ignored, ...ignored];
  if (options.isStrict) refuseIgnored(all);
  const { continuation, ...messages } = messagesOf(understood, settings, options);
  const { turn, isThinkingLost } = mapTurn({
    model: model.cliModel,
    messages,
    tools: tools.definitions(only),
    settings,
  });
  return {
    turn,
    continuation,
    ignored: [
      ...all,
      ...(isThinkingLost ? ['input.reasoning (not available while the model does not think)'] : []),
      ...missingMedia(media),
    ],
  };
}

/**
 * The messages with what they make of the conversation. Instructions hold for their own response only, so they are not
 * stored; system messages among the items are.
 */
function messagesOf(
  { request, model, placed, media }: UnderstoodResponse,
  settings: TurnSettings,
  { held, isCopied }: ToTurnOptions,
): ArrangedMessages & { continuation: Continuation } {
  const source = inputMessages(placed.items, media);
  const { instructions } = request;
  const instructed = typeof instructions === 'string' && !isBlank(instructions) ? [instructions] : [];
  try {
    const told = held ? { ...source, system: [] } : source;
    const { continuation, ...arranged } = placeMessages(told, held, model.cliModel, settings);
    if (!continuation) {
      return {
        ...arranged,
        system: [...instructed, ...source.system],
        continuation: begun(arranged, source.system),
      };
    }
    const before = arranged.system;
    const isToldAgain = before.every((text, index) => text === source.system[index]);
    const said = isToldAgain ? source.system : [...before, ...source.system];
    const isGrown = said.length > before.length;
    return {
      ...arranged,
      system: [...instructed, ...said],
      continuation: isCopied
        ? begun(arranged, said, continuation.droppedMessages)
        : { ...continuation, system: isGrown ? said : undefined },
    };
  } catch (error) {
    throw error instanceof UnansweredCallsError ? unansweredCalls(error) : error;
  }
}

/** A conversation that begins with everything that the turn says. */
function begun({ history, message }: ArrangedMessages, system: readonly string[], droppedMessages = 0): Continuation {
  return { added: [...history, message], system, historyStart: 0, droppedMessages };
}

interface MappedSettings {
  readonly settings: TurnSettings;
  /** The only tools that are offered. */
  readonly only: ReadonlySet<string> | undefined;
  readonly ignored: readonly string[];
}

function mapSettings({ request, model, tools }: UnderstoodResponse, defaultEffort: DefaultEffort): MappedSettings {
  const ignored: string[] = [];
  const maxOutputTokens = request.max_output_tokens ?? undefined;
  const { choice, only } = mapToolChoice(request, tools);
  const { note, ...thinking } = chooseThinking(request.reasoning?.effort ?? undefined, {
    modelId: model.cliModel,
    catalogue: model.catalogue,
    defaultEffort,
    isToolForced: choice?.type === 'any' || choice?.type === 'tool',
    maxOutputTokens,
  });
  if (note !== undefined) ignored.push(`reasoning.effort (${note})`);
  const { notes, ...sampling } = chooseSampling(
    { temperature: request.temperature ?? undefined, topP: request.top_p ?? undefined },
    thinking.thinking === 'on',
  );
  ignored.push(...notes);
  const settings: TurnSettings = {
    ...thinking,
    ...sampling,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(choice && { toolChoice: choice }),
  };
  return { settings, only, ignored };
}

function toolHints({ missingTypes, hasStrict }: OfferedTools): string[] {
  const missing = [...missingTypes].map((type) => `tools (${type.slice(0, 100)} is not available)`);
  return [...missing, ...(hasStrict ? ['tools.strict'] : [])];
}
