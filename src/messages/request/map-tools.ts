import type { ToolPlace } from '../../answers/asked-turn.ts';
import type { ToolDefinition } from '../../claude-cli/turn/turn.ts';
import { toolDefinitions, type DescribedTool } from '../../turns/tools/tool-definitions.ts';
import { isClientTool, type MessagesRequest } from './dto/messages-request.ts';

/**
 * The client's own tools. Throws a GatewayError of status 400 for names that clash and for schemas that the model could not
 * be given.
 */
export function mapTools(request: MessagesRequest): ToolDefinition[] {
  return toolDefinitions(describedTools(request));
}

/** Where a tool and its schema stand in the body; undefined where there is none of that name. */
export function findTool(request: MessagesRequest, name: string): ToolPlace | undefined {
  return describedTools(request).find((tool) => tool.name === name);
}

function describedTools({ tools }: MessagesRequest): DescribedTool[] {
  return (tools ?? []).flatMap((tool, index) => {
    if (!isClientTool(tool)) return [];
    const path = `tools[${index}]`;
    const { name, description, input_schema: parameters } = tool;
    return [{ name, description: description ?? undefined, parameters, path, schemaPath: `${path}.input_schema` }];
  });
}
