import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { chooseSampling } from '../../turns/choose-sampling.ts';
import type { DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
import type { MessagesRequest } from './dto/messages-request.ts';
import { mapThinking } from './map-thinking.ts';
import { mapToolChoice } from './map-tool-choice.ts';

/** What a request asks for beyond its messages. */
export interface MappedParameters {
  readonly settings: TurnSettings;
  /** Fields that were accepted but have no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/** Maps the parameters of a request. Throws a GatewayError of status 400 for what changes an answer and is not available. */
export function mapParameters(
  request: MessagesRequest,
  model: ResolvedModel,
  defaultEffort: DefaultEffort,
): MappedParameters {
  const toolChoice = mapToolChoice(request);
  const { settings: thinking, ignored } = mapThinking(request, {
    modelId: model.cliModel,
    catalogue: model.catalogue,
    defaultEffort,
    isToolForced: toolChoice?.type === 'any' || toolChoice?.type === 'tool',
    maxOutputTokens: request.max_tokens,
  });
  const isThinking = thinking.thinking === 'on';
  const { notes, ...sampling } = chooseSampling(
    { temperature: request.temperature ?? undefined, topP: request.top_p ?? undefined },
    isThinking,
  );
  const topK = request.top_k ?? undefined;
  const stopSequences = request.stop_sequences ?? [];
  const settings: TurnSettings = {
    ...thinking,
    ...sampling,
    ...(topK !== undefined && !isThinking && { topK }),
    maxOutputTokens: request.max_tokens,
    ...(stopSequences.length > 0 && { stopSequences }),
    ...(toolChoice && { toolChoice }),
  };
  return {
    settings,
    ignored: [
      ...ignored,
      ...notes,
      ...(topK !== undefined && isThinking ? ['top_k (not available while the model thinks)'] : []),
    ],
  };
}
