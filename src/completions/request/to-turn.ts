import type { MappedTurn } from '../../answers/door/asked-turns.ts';
import type { TurnSettings, UserMessage } from '../../claude-cli/turn/turn.ts';
import { refuseIgnored } from '../../common/body/refuse-ignored.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { mapStop } from '../../openai/map-stop.ts';
import { chooseSampling } from '../../turns/choose-sampling.ts';
import { isBlank } from '../../turns/messages/message-texts.ts';
import { chooseThinking, type DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
import { checkParameters } from './check-parameters.ts';
import type { CompletionRequest } from './completion-request.ts';

export interface ToTurnOptions {
  readonly defaultEffort: DefaultEffort;
  /** Whether a field without effect is refused instead of being named in a header. */
  readonly isStrict: boolean;
  /** Whether a header names a conversation, of which this API has none. */
  readonly hasConversationHeader: boolean;
}

/** Translates a request. Pure; throws a GatewayError of status 400 for what cannot be honoured. */
export function toTurn(request: CompletionRequest, model: ResolvedModel, options: ToTurnOptions): MappedTurn {
  const unused = checkParameters(request);
  const { settings, notes } = settingsOf(request, model, options.defaultEffort);
  const ignored = [...unused, ...notes, ...(options.hasConversationHeader ? ['x-conversation-id'] : [])];
  if (options.isStrict) refuseIgnored(ignored);
  return {
    turn: { model: model.cliModel, system: [], history: [], message: messageOf(request), tools: [], settings },
    ignored,
  };
}

function settingsOf(
  request: CompletionRequest,
  { cliModel: modelId, catalogue }: ResolvedModel,
  defaultEffort: DefaultEffort,
): { settings: TurnSettings; notes: readonly string[] } {
  const maxOutputTokens = request.max_tokens ?? undefined;
  const stopSequences = mapStop(request.stop);
  const { note: _nothingAsked, ...thinking } = chooseThinking(undefined, {
    modelId,
    catalogue,
    defaultEffort,
    isToolForced: false,
    maxOutputTokens,
  });
  const { notes, ...sampling } = chooseSampling(
    { temperature: request.temperature ?? undefined, topP: request.top_p ?? undefined },
    thinking.thinking === 'on',
  );
  const settings: TurnSettings = {
    ...thinking,
    ...sampling,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(stopSequences.length > 0 && { stopSequences }),
  };
  return { settings, notes };
}

/** The prompt unchanged. A suffix becomes an instruction, because the Messages API has no field for it. */
function messageOf({ prompt, suffix }: CompletionRequest): UserMessage {
  const texts = isBlank(prompt) ? [] : [prompt];
  if (suffix !== null && suffix !== undefined && suffix !== '') {
    const place = isBlank(prompt)
      ? 'Write the text that comes directly before the text below.'
      : 'Write the text that comes directly after the text above and before the text below.';
    texts.push(`${place} Respond with that text only. The text below:\n\n${suffix}`);
  }
  return { role: 'user', content: texts.map((text) => ({ type: 'text', text })) };
}
