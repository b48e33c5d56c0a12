import type { ToolPlace } from '../../answers/asked-turn.ts';
import type { ToolDefinition } from '../../claude-cli/turn/turn.ts';
import { invalidRequest, unsupported, type GatewayError } from '../../common/errors/gateway-error.ts';
import type { ChatCompletionRequest, FunctionDefinition } from './dto/chat-completion-request.ts';
import { toToolSchema, type ToolSchema } from '../../turns/tools/to-tool-schema.ts';

/** Rewriting takes time in which nothing else is done. */
const MAX_REWRITTEN_PARTS = 10_000;

const NO_PARAMETERS: ToolSchema = { schema: { type: 'object', properties: {} }, rewrittenParts: 0 };

/**
 * The tools of a request, legacy `functions` included, without those that an `allowed_tools` choice leaves out. Throws a
 * GatewayError of status 400 for names that clash and for schemas that the model could not be given.
 */
export function mapTools(request: ChatCompletionRequest): ToolDefinition[] {
  if (request.tools?.length && request.functions)
    throw unsupported("'functions' cannot be used together with 'tools'.", 'functions');
  const names = new Set<string>();
  let rewrittenParts = 0;
  const tools = definitions(request).map(({ definition, path }) => {
    if (names.has(definition.name)) {
      throw invalidRequest(
        `Invalid '${path}.name': there are two tools with the name '${definition.name}'.`,
        `${path}.name`,
      );
    }
    names.add(definition.name);
    const tool = inputSchema(definition, path);
    rewrittenParts += tool.rewrittenParts;
    if (rewrittenParts > MAX_REWRITTEN_PARTS) throw tooLarge(`${path}.parameters`);
    return { name: definition.name, ...description(definition), inputSchema: tool.schema };
  });
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

function description({ description: text }: FunctionDefinition): { description?: string } {
  return text === undefined || text === null ? {} : { description: text };
}

function inputSchema({ parameters }: FunctionDefinition, path: string): ToolSchema {
  if (parameters === undefined || parameters === null || Object.keys(parameters).length === 0) return NO_PARAMETERS;
  return toToolSchema(parameters, `${path}.parameters`);
}

function tooLarge(param: string): GatewayError {
  const message =
    `Invalid schema for '${param}': the schemas that are of a draft before 2020-12, or have names of properties other than ` +
    `1 to 64 letters, digits, underscores, dots or hyphens, have more than ${MAX_REWRITTEN_PARTS} parts in all.`;
  return invalidRequest(message, param, 'invalid_function_parameters');
}
