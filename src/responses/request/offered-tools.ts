import { createHash } from 'node:crypto';
import type { ToolPlace } from '../../answers/asked-turn.ts';
import type { ToolDefinition } from '../../claude-cli/turn/turn.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import { checkToolSize } from '../../turns/tools/check-tool-size.ts';
import { toFunctionName } from '../../turns/tools/function-name.ts';
import { toolDefinitions } from '../../turns/tools/tool-definitions.ts';
import type { CustomTool, FunctionTool, RequestTool } from './response-request.ts';

/** How a client knows a tool that the model calls. */
export interface ClientTool {
  readonly kind: 'function' | 'custom';
  readonly name: string;
  /** The group that it belongs to, whose name then is no part of its own. */
  readonly namespace?: string;
}

interface OfferedTool extends ClientTool {
  /** As the model sees it. */
  readonly modelName: string;
  readonly definition: FunctionTool | CustomTool;
  readonly path: string;
}

/** The Messages API takes no longer name. */
const MAX_NAME_CHARACTERS = 64;

/** The one argument of a custom tool as the model sees it. */
export const CUSTOM_INPUT = 'input';

const CUSTOM_PARAMETERS = {
  type: 'object',
  properties: { [CUSTOM_INPUT]: { type: 'string' } },
  required: [CUSTOM_INPUT],
  additionalProperties: false,
};

/** The tools of a request that the model can be offered, and how client and model name them. */
export class OfferedTools {
  /** Types of tools that are not offered: only their provider has them. */
  readonly missingTypes: ReadonlySet<string>;
  private readonly byModelName = new Map<string, OfferedTool>();

  /** Throws a GatewayError of status 400 for two tools that the model could not tell apart. */
  constructor(tools: readonly RequestTool[]) {
    const missing = new Set<string>();
    for (const [index, tool] of tools.entries()) {
      if (isNamespace(tool)) {
        for (const [position, inner] of tool.tools.entries())
          this.add(inner, `tools[${index}].tools[${position}]`, tool.name);
      } else if (isOwn(tool)) this.add(tool, `tools[${index}]`);
      else missing.add(tool.type);
    }
    this.missingTypes = missing;
    const schemas = this.all.map(({ definition }) => ('parameters' in definition ? definition.parameters : null));
    checkToolSize('tools', schemas);
  }

  get size(): number {
    return this.byModelName.size;
  }

  /** The definitions for the model, of all tools or of those with these names. Throws a GatewayError of status 400. */
  definitions(only?: ReadonlySet<string>): ToolDefinition[] {
    const definitions = toolDefinitions(
      this.all.map(({ modelName, definition, path }) => ({
        name: modelName,
        description:
          definition.type === 'custom' ? customDescription(definition) : (definition.description ?? undefined),
        parameters: definition.type === 'custom' ? CUSTOM_PARAMETERS : (definition.parameters ?? undefined),
        path,
        schemaPath: `${path}.parameters`,
      })),
    );
    return only ? definitions.filter(({ name }) => only.has(name)) : definitions;
  }

  /** Whether any function asks for its arguments to be held to its schema. */
  get hasStrict(): boolean {
    return this.all.some(({ definition }) => definition.type === 'function' && definition.strict === true);
  }

  /** How the client knows a tool; one that was not offered is a function of that name. */
  clientTool(modelName: string): ClientTool {
    return this.byModelName.get(modelName) ?? { kind: 'function', name: modelName };
  }

  has(modelName: string): boolean {
    return this.byModelName.has(modelName);
  }

  /** Where a tool stands in the body; undefined where there is none of that name. */
  find(modelName: string): ToolPlace | undefined {
    const tool = this.byModelName.get(modelName);
    return tool && { path: tool.path, schemaPath: `${tool.path}.parameters` };
  }

  private get all(): OfferedTool[] {
    return [...this.byModelName.values()];
  }

  private add(definition: FunctionTool | CustomTool, path: string, namespace?: string): void {
    const { name } = definition;
    const modelName = modelToolName(name, namespace);
    if (this.byModelName.has(modelName)) {
      throw invalidRequest(`Invalid '${path}.name': there are two tools with the name '${name}'.`, `${path}.name`);
    }
    const kind = definition.type;
    this.byModelName.set(modelName, {
      kind,
      name,
      modelName,
      definition,
      path,
      ...(namespace !== undefined && { namespace }),
    });
  }
}

/** The name under which the model sees a tool; that of a call in a history may be anything. */
export function modelToolName(name: string, namespace?: string | null): string {
  const whole = typeof namespace === 'string' && namespace !== '' ? `${namespace}__${name}` : name;
  if (whole === name || whole.length <= MAX_NAME_CHARACTERS) return toFunctionName(whole);
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return toFunctionName(`${whole.slice(0, MAX_NAME_CHARACTERS - digest.length - 1)}_${digest}`);
}

/** The arguments of a call of a custom tool as the model makes it. */
export function customArguments(input: string): string {
  return JSON.stringify({ [CUSTOM_INPUT]: input });
}

function customDescription({ description, format }: CustomTool): string {
  const grammar =
    format?.type === 'grammar'
      ? `The input must match this grammar (${format.syntax}):\n\n${format.definition}`
      : undefined;
  return [description, `Put the whole input, as plain text, into '${CUSTOM_INPUT}'.`, grammar]
    .filter((part) => typeof part === 'string' && part !== '')
    .join('\n\n');
}

function isNamespace(tool: RequestTool): tool is Extract<RequestTool, { type: 'namespace' }> {
  return tool.type === 'namespace';
}

function isOwn(tool: RequestTool): tool is FunctionTool | CustomTool {
  return tool.type === 'function' || tool.type === 'custom';
}
