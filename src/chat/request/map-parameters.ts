import type { TurnSettings } from '../../claude-cli/turn/turn.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import type { ResolvedModel } from '../../models/model-resolver.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapThinking, type DefaultEffort } from '../../turns/thinking/choose-thinking.ts';
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
  const { note, ...thinking } = mapThinking(request.reasoning_effort ?? undefined, {
    modelId: model.cliModel,
    catalogue: model.catalogue,
    defaultEffort,
    isToolForced: toolChoice?.type === 'any' || toolChoice?.type === 'tool',
    maxOutputTokens,
  });
  if (note !== undefined) ignored.push(`reasoning_effort (${note})`);
  const settings: TurnSettings = {
    ...thinking,
    ...mapSampling(request, thinking.thinking === 'on', ignored),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(stopSequences.length > 0 && { stopSequences }),
    ...(toolChoice && { toolChoice }),
  };
  return { settings, ignored };
}

function mapSampling(
  request: ChatCompletionRequest,
  isThinking: boolean,
  ignored: string[],
): Pick<TurnSettings, 'temperature' | 'topP'> {
  const temperature = request.temperature ?? undefined;
  const topP = request.top_p ?? undefined;
  if (isThinking) {
    // The Messages API refuses both together with thinking, except for their defaults.
    if (temperature !== undefined && temperature !== 1)
      ignored.push('temperature (not available while the model thinks)');
    if (topP !== undefined && topP !== 1) ignored.push('top_p (not available while the model thinks)');
    return {};
  }
  if (temperature !== undefined && temperature > 1) ignored.push('temperature (1 is the highest; 1 is used)');
  const scaled = temperature === undefined ? undefined : Math.min(1, temperature);
  if (topP === undefined || topP === 1) return scaled === undefined ? {} : { temperature: scaled };
  // The newer models refuse the two together; a temperature of 1 says nothing.
  if (scaled === undefined || scaled === 1) return { topP };
  ignored.push('top_p (not together with temperature)');
  return { temperature: scaled };
}

function mapStop(stop: ChatCompletionRequest['stop']): string[] {
  const sequences = typeof stop === 'string' ? [stop] : (stop ?? []);
  for (const [index, sequence] of sequences.entries()) {
    const param = typeof stop === 'string' ? 'stop' : `stop[${index}]`;
    if (sequence === '')
      throw invalidRequest(`Invalid '${param}': a stop sequence must not be empty.`, param, 'empty_string');
  }
  return sequences;
}
