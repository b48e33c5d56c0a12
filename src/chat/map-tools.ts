import type { ToolDefinition } from '../claude-cli/turn.ts';
import { invalidRequest, unsupported } from '../common/errors/gateway-error.ts';
import { checkToolSchema } from './check-tool-schema.ts';
import type { ChatCompletionRequest, FunctionDefinition } from './dto/chat-completion-request.ts';

/**
 * The tools of a request, legacy `functions` included, without those that an `allowed_tools` choice leaves out. Throws a
 * GatewayError of status 400 for names that clash and for schemas that the model could not be given.
 */
export function mapTools(request: ChatCompletionRequest): ToolDefinition[] {
  if (request.tools?.length && request.functions)
    throw unsupported("'functions' cannot be used together with 'tools'.", 'functions');
  const named = [
    ...(request.tools ?? []).map((tool, index) => ({ definition: tool.function, path: `tools[${index}].function` })),
    ...(request.functions ?? []).map((definition, index) => ({ definition, path: `functions[${index}]` })),
  ];
  const names = new Set<string>();
  const tools = named.map(({ definition, path }) => {
    if (names.has(definition.name)) {
      throw invalidRequest(
        `Invalid '${path}.name': there are two tools with the name '${definition.name}'.`,
        `${path}.name`,
      );
    }
    names.add(definition.name);
    return { name: definition.name, ...description(definition), inputSchema: inputSchema(definition, path) };
  });
  const allowed = allowedNames(request);
  return allowed ? tools.filter(({ name }) => allowed.has(name)) : tools;
}

function allowedNames({ tool_choice: choice }: ChatCompletionRequest): Set<string> | undefined {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return undefined;
  return new Set(choice.allowed_tools.tools.map((tool) => tool.function.name));
}

function description({ description: text }: FunctionDefinition): { description?: string } {
  return text === undefined || text === null ? {} : { description: text };
}

function inputSchema({ parameters }: FunctionDefinition, path: string): Record<string, unknown> {
  if (parameters === undefined || parameters === null || Object.keys(parameters).length === 0) {
    return { type: 'object', properties: {} };
  }
  checkToolSchema(parameters, `${path}.parameters`);
  return { ...parameters, type: 'object' };
}
