import type { ToolPlace } from '../../answers/asked-turn.ts';
import type { ToolDefinition } from '../../claude-cli/turn/turn.ts';
import { unsupported } from '../../common/errors/gateway-error.ts';
import type { ChatCompletionRequest, FunctionDefinition } from './dto/chat-completion-request.ts';
import { toolDefinitions } from '../../turns/tools/tool-definitions.ts';

/**
 * The tools of a request, legacy `functions` included, without those that an `allowed_tools` choice leaves out. Throws a
 * GatewayError of status 400 for names that clash and for schemas that the model could not be given.
 */
export function mapTools(request: ChatCompletionRequest): ToolDefinition[] {
  if (request.tools?.length && request.functions)
    throw unsupported("'functions' cannot be used together with 'tools'.", 'functions');
  const tools = toolDefinitions(
    definitions(request).map(({ definition: { name, description, parameters }, path }) => ({
      name,
      description: description ?? undefined,
      parameters: parameters ?? undefined,
      path,
      schemaPath: `${path}.parameters`,
    })),
  );
  const allowed = allowedNames(request);
  return allowed ? tools.filter(({ name }) => allowed.has(name)) : tools;
}

/** Where a function and its schema stand in the body; undefined where there is none of that name. */
export function findTool(request: ChatCompletionRequest, name: string): ToolPlace | undefined {
  const found = definitions(request).find(({ definition }) => definition.name === name);
  return found && { path: found.path, schemaPath: `${found.path}.parameters` };
}

function definitions(request: ChatCompletionRequest): { definition: FunctionDefinition; path: string }[] {
  return [
    ...(request.tools ?? []).map((tool, index) => ({ definition: tool.function, path: `tools[${index}].function` })),
    ...(request.functions ?? []).map((definition, index) => ({ definition, path: `functions[${index}]` })),
  ];
}

function allowedNames({ tool_choice: choice }: ChatCompletionRequest): Set<string> | undefined {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return undefined;
  return new Set(choice.allowed_tools.tools.map((tool) => tool.function.name));
}
