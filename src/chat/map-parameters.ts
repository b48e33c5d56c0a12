import type { Effort, ToolChoice, TurnSettings } from '../claude-cli/turn.ts';
import { invalidRequest, unsupported } from '../common/errors/gateway-error.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';

/** What a request asks for beyond its messages. */
export interface MappedParameters {
  readonly settings: TurnSettings;
  /** Fields that were accepted but have no effect, in words for a header. */
  readonly ignored: readonly string[];
}

export type DefaultEffort = 'none' | 'low' | 'medium' | 'high' | 'xhigh';

/** Maps the parameters of a request. Throws a GatewayError of status 400 for what changes an answer and is not available. */
export function mapParameters(
  request: ChatCompletionRequest,
  model: ResolvedModel,
  defaultEffort: DefaultEffort,
): MappedParameters {
  const ignored: string[] = [];
  const thinking = mapThinking(request, model, defaultEffort, ignored);
  const stopSequences = mapStop(request.stop);
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  const toolChoice = mapToolChoice(request);
  const settings: TurnSettings = {
    ...thinking,
    ...mapSampling(request, thinking.thinking === 'on', ignored),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(stopSequences.length > 0 && { stopSequences }),
    ...(toolChoice && { toolChoice }),
  };
  return { settings, ignored };
}

function mapThinking(
  request: ChatCompletionRequest,
  { catalogue }: ResolvedModel,
  defaultEffort: DefaultEffort,
  ignored: string[],
): Pick<TurnSettings, 'thinking' | 'effort'> {
  const asked = request.reasoning_effort ?? undefined;
  const level = asked ?? defaultEffort;
  const levels = catalogue?.supportedEffortLevels ?? [];
  if (level === 'none') {
    if (catalogue?.supportsThinkingOff !== false) return { thinking: 'off' };
    // A model that always thinks: as little as it can when the client asked for none, its own measure otherwise.
    if (asked === undefined) return { thinking: 'on' };
    ignored.push('reasoning_effort (the model always thinks; low is used)');
    return { thinking: 'on', ...(levels.includes('low') && { effort: 'low' as const }) };
  }
  const effort = level === 'minimal' ? 'low' : level;
  if (levels.length === 0 || levels.includes(effort)) {
    return { thinking: 'on', ...(levels.length > 0 && { effort: effort }) };
  }
  const nearest = levels.at(-1) as Effort;
  ignored.push(`reasoning_effort (${nearest} is the most this model has)`);
  return { thinking: 'on', effort: nearest };
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
  if (temperature !== undefined && topP !== undefined && topP !== 1) {
    // The newer models refuse the two together.
    ignored.push('top_p (not together with temperature)');
    return { temperature: Math.min(1, temperature) };
  }
  return {
    ...(temperature !== undefined && { temperature: Math.min(1, temperature) }),
    ...(topP !== undefined && topP !== 1 && { topP }),
  };
}

function mapStop(stop: ChatCompletionRequest['stop']): string[] {
  const sequences = typeof stop === 'string' ? [stop] : (stop ?? []);
  for (const [index, sequence] of sequences.entries()) {
    const param = typeof stop === 'string' ? 'stop' : `stop[${index}]`;
    if (sequence === '')
      throw invalidRequest(`Invalid '${param}': a stop sequence must not be empty.`, param, 'empty_string');
    if (sequence.trim() === '')
      throw unsupported(`Invalid '${param}': a stop sequence of white space only is not supported.`, param);
  }
  return sequences;
}

function mapToolChoice(request: ChatCompletionRequest): ToolChoice | undefined {
  const hasTools = (request.tools?.length ?? 0) > 0 || (request.functions?.length ?? 0) > 0;
  const choice = request.tool_choice ?? legacyChoice(request.function_call);
  if (!hasTools) {
    if (choice !== undefined && choice !== 'none' && choice !== 'auto') {
      throw invalidRequest("'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
    }
    return undefined;
  }
  const single = request.parallel_tool_calls === false || request.functions ? { disableParallelToolUse: true } : {};
  if (choice === 'none') return { type: 'none' };
  if (choice === 'required') return { type: 'any', ...single };
  if (choice === undefined || choice === 'auto')
    return request.parallel_tool_calls === false || request.functions ? { type: 'auto', ...single } : undefined;
  const { name } = choice.function;
  const names = [
    ...(request.tools ?? []).map((tool) => tool.function.name),
    ...(request.functions ?? []).map((tool) => tool.name),
  ];
  if (!names.includes(name))
    throw invalidRequest(`Invalid 'tool_choice': there is no tool '${name}' in 'tools'.`, 'tool_choice');
  return { type: 'tool', name, ...single };
}

function legacyChoice(
  choice: ChatCompletionRequest['function_call'],
): NonNullable<ChatCompletionRequest['tool_choice']> | undefined {
  if (choice === undefined || choice === null || typeof choice === 'string') return choice ?? undefined;
  return { type: 'function', function: choice };
}
