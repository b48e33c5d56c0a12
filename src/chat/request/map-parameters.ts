import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import { mapStop } from '../../openai/map-stop.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { chooseSampling } from '../../turns/choose-sampling.ts';
import { chooseThinking, type DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
import { mapToolChoice } from './map-tool-choice.ts';

/** What a request asks for beyond its messages. */
export interface MappedParameters {
  readonly settings: TurnSettings;
  /** Fields that were accepted but have no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/** Maps the parameters of a request. Throws a GatewayError of status 400 for what changes an answer and is not available. */
export function mapParameters(
  request: ChatCompletionRequest,
  model: ResolvedModel,
  defaultEffort: DefaultEffort,
): MappedParameters {
  const ignored: string[] = [];
  const stopSequences = mapStop(request.stop);
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  const toolChoice = mapToolChoice(request);
  const { note, ...thinking } = chooseThinking(request.reasoning_effort ?? undefined, {
    modelId: model.cliModel,
    catalogue: model.catalogue,
    defaultEffort,
    isToolForced: toolChoice?.type === 'any' || toolChoice?.type === 'tool',
    maxOutputTokens,
  });
  if (note !== undefined) ignored.push(`reasoning_effort (${note})`);
  const { notes, ...sampling } = chooseSampling(
    { temperature: request.temperature ?? undefined, topP: request.top_p ?? undefined },
    thinking.thinking === 'on',
  );
  ignored.push(...notes);
  const settings: TurnSettings = {
    ...thinking,
    ...sampling,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(stopSequences.length > 0 && { stopSequences }),
    ...(toolChoice && { toolChoice }),
  };
  return { settings, ignored };
}
