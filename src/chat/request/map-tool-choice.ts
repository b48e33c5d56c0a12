import type { ToolChoice } from '../../claude-cli/turn/turn.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';

type Choice = NonNullable<ChatCompletionRequest['tool_choice']>;

/** How the model may use the tools; undefined: as it likes. Throws a GatewayError of status 400 for a choice of no tool. */
export function mapToolChoice(request: ChatCompletionRequest): ToolChoice | undefined {
  const names = [
    ...(request.tools ?? []).map((tool) => tool.function.name),
    ...(request.functions ?? []).map((tool) => tool.name),
  ];
  const { choice, param } = askedChoice(request);
  if (names.length === 0) {
    if (choice === undefined || choice === 'none' || choice === 'auto') return undefined;
    const offer = param === 'tool_choice' ? 'tools' : 'functions';
    throw invalidRequest(`'${param}' is only allowed when '${offer}' are specified.`, param);
  }
  for (const name of namesIn(choice)) {
    if (!names.includes(name)) throw invalidRequest(`Invalid '${param}': there is no tool '${name}'.`, param);
  }
  // A `function_call` has room for one call.
  const isSingle = request.parallel_tool_calls === false || (request.functions?.length ?? 0) > 0;
  return toChoice(choice, isSingle ? { disableParallelToolUse: true } : {});
}

function askedChoice(request: ChatCompletionRequest): { choice: Choice | undefined; param: string } {
  const choice = request.tool_choice ?? undefined;
  if (choice !== undefined) return { choice, param: 'tool_choice' };
  const legacy = request.function_call ?? undefined;
  const isNamed = typeof legacy === 'object';
  return { choice: isNamed ? { type: 'function', function: legacy } : legacy, param: 'function_call' };
}

function namesIn(choice: Choice | undefined): string[] {
  if (typeof choice !== 'object') return [];
  if (choice.type === 'function') return [choice.function.name];
  return choice.allowed_tools.tools.map((tool) => tool.function.name);
}

function toChoice(choice: Choice | undefined, single: { disableParallelToolUse?: boolean }): ToolChoice | undefined {
  if (choice === 'none') return { type: 'none' };
  if (typeof choice === 'object' && choice.type === 'function') {
    return { type: 'tool', name: choice.function.name, ...single };
  }
  const mode = typeof choice === 'object' ? choice.allowed_tools.mode : choice;
  if (mode === 'required') return { type: 'any', ...single };
  return single.disableParallelToolUse ? { type: 'auto', ...single } : undefined;
}
