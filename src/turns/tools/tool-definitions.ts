import type { ToolDefinition } from '../../claude-cli/turn/turn.ts';
import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import { toToolSchema, type ToolSchema } from './to-tool-schema.ts';

/** A tool as a request describes it. */
export interface DescribedTool {
  readonly name: string;
  readonly description: string | undefined;
  /** Absent or empty: the tool has no parameters. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  /** Its path in the body. */
  readonly path: string;
  /** The path of its parameters in the body. */
  readonly schemaPath: string;
}

/** Rewriting blocks the event loop. */
const MAX_REWRITTEN_PARTS = 10_000;

const NO_PARAMETERS: ToolSchema = { schema: { type: 'object', properties: {} }, rewrittenParts: 0 };

/** Throws a GatewayError of status 400 for duplicate names and for schemas that cannot be sent to the model. */
export function toolDefinitions(tools: readonly DescribedTool[]): ToolDefinition[] {
  const names = new Set<string>();
  let rewrittenParts = 0;
  return tools.map(({ name, description, parameters, path, schemaPath }) => {
    if (names.has(name)) {
      throw invalidRequest(`Invalid '${path}.name': there are two tools with the name '${name}'.`, `${path}.name`);
    }
    names.add(name);
    const isEmpty = parameters === undefined || Object.keys(parameters).length === 0;
    const tool = isEmpty ? NO_PARAMETERS : toToolSchema(parameters, schemaPath);
    rewrittenParts += tool.rewrittenParts;
    if (rewrittenParts > MAX_REWRITTEN_PARTS) throw tooLarge(schemaPath);
    return { name, ...(description !== undefined && { description }), inputSchema: tool.schema };
  });
}

function tooLarge(param: string): GatewayError {
  const message =
    `Invalid schema for '${param}': the schemas that are of a draft before 2020-12, or have names of properties other than ` +
    `1 to 64 letters, digits, underscores, dots or hyphens, have more than ${MAX_REWRITTEN_PARTS} parts in all.`;
  return invalidRequest(message, param, 'invalid_function_parameters');
}
