import type { ToolChoice } from '../../claude-cli/turn/turn.ts';
import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import { modelToolName, type OfferedTools } from './offered-tools.ts';
import type { AllowedTools, ChosenTool, OtherTool, ResponseRequest } from './response-request.ts';

export interface MappedToolChoice {
  /** Undefined: as the model likes. */
  readonly choice: ToolChoice | undefined;
  /** The only tools that are offered, by the model's names. */
  readonly only?: ReadonlySet<string>;
}

/** How the model may use the tools. Throws a GatewayError of status 400 for a choice of a tool that is not there. */
export function mapToolChoice(request: ResponseRequest, tools: OfferedTools): MappedToolChoice {
  const choice = request.tool_choice ?? 'auto';
  const single = request.parallel_tool_calls === false ? { disableParallelToolUse: true } : {};
  if (typeof choice === 'string') {
    if (choice === 'none') return { choice: tools.size === 0 ? undefined : { type: 'none' } };
    if (choice === 'required') {
      if (tools.size === 0) throw noTools(tools);
      return { choice: { type: 'any', ...single } };
    }
    return { choice: tools.size > 0 && single.disableParallelToolUse ? { type: 'auto', ...single } : undefined };
  }
  if (isAllowedTools(choice)) return allowedTools(choice, tools, single);
  if (!isChosen(choice)) throw notAvailable(choice.type);
  return { choice: { type: 'tool', name: chosenName(choice, tools, 'tool_choice'), ...single } };
}

function allowedTools(
  { mode, tools: allowed }: AllowedTools,
  tools: OfferedTools,
  single: { disableParallelToolUse?: boolean },
): MappedToolChoice {
  const names = allowed.flatMap((tool, index) =>
    isChosen(tool) ? chosenName(tool, tools, `tool_choice.tools[${index}]`) : [],
  );
  if (mode === 'required') {
    if (names.length === 0) throw notAvailable(allowed[0]?.type ?? '');
    return { choice: { type: 'any', ...single }, only: new Set(names) };
  }
  const choice = names.length > 0 && single.disableParallelToolUse ? { type: 'auto' as const, ...single } : undefined;
  return { choice, only: new Set(names) };
}

function chosenName({ name, namespace }: ChosenTool, tools: OfferedTools, param: string): string {
  const modelName = modelToolName(name, namespace);
  if (!tools.has(modelName)) {
    throw invalidRequest(`Invalid '${param}': there is no tool '${name.slice(0, 100)}'.`, param, 'invalid_value');
  }
  return modelName;
}

function noTools({ missingTypes }: OfferedTools): Error {
  const [type] = missingTypes;
  if (type !== undefined) return notAvailable(type);
  return invalidRequest("'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
}

function notAvailable(type: string): Error {
  return unsupported(`Tools of type '${type.slice(0, 100)}' are not available here.`, 'tool_choice');
}

function isAllowedTools(choice: ChosenTool | AllowedTools | OtherTool): choice is AllowedTools {
  return choice.type === 'allowed_tools';
}

function isChosen(choice: ChosenTool | AllowedTools | OtherTool): choice is ChosenTool {
  return choice.type === 'function' || choice.type === 'custom';
}
