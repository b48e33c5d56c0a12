import { isJsonObject, mapUnlessSame, type FormContext, type JsonObject } from './form-context.ts';

/** Where the schema of a tool's input stands: for Anthropic, for MCP, for OpenAI. */
const SCHEMA_FIELDS = ['input_schema', 'inputSchema', 'parameters'] as const;

/** Tools in OpenAI's form, from that of Anthropic, of the Responses API and of MCP. */
export function toOpenAiTools(tools: unknown, context: FormContext): unknown {
  return Array.isArray(tools) ? mapUnlessSame(tools, (tool) => toOpenAiTool(tool, context)) : tools;
}

function toOpenAiTool(tool: unknown, { origins }: FormContext): unknown {
  if (!isJsonObject(tool)) return tool;
  const { type = null, function: definition } = tool;
  if (isJsonObject(definition)) return type === null ? { ...tool, type: 'function' } : tool;
  const schemaField = SCHEMA_FIELDS.find((field) => Object.hasOwn(tool, field));
  const isFunction =
    type === 'function' || (type === null && 'name' in tool) || (type === 'custom' && schemaField === 'input_schema');
  if (!isFunction) return tool;
  const { type: _type, name, description, strict, ...others } = tool;
  const { [schemaField ?? 'parameters']: parameters, ...rest } = others;
  const given = Object.entries({ name, description, parameters, strict }).filter(([, value]) => value !== undefined);
  const origin = { below: '', ...(schemaField && { fields: { parameters: schemaField } }) };
  return { ...rest, type: 'function', function: origins.note(Object.fromEntries(given), origin) };
}

/** The choice among the tools in OpenAI's form, from that of Anthropic and of the Responses API. */
export function toOpenAiToolChoice(choice: unknown, { origins }: FormContext): unknown {
  if (choice === 'any') return 'required';
  if (!isJsonObject(choice)) return choice;
  const { type, name } = choice;
  switch (type) {
    case 'auto':
    case 'none':
    case 'required':
      return type;
    case 'any':
      return 'required';
    case 'tool':
      return { type: 'function', function: origins.note({ name }, { below: '' }) };
    case 'function':
      return isJsonObject(choice['function']) ? choice : { type, function: origins.note({ name }, { below: '' }) };
    case 'allowed_tools':
      return isJsonObject(choice['allowed_tools']) ? choice : { type, allowed_tools: allowedTools(choice, origins) };
    default:
      return choice;
  }
}

function allowedTools({ mode, tools }: JsonObject, origins: FormContext['origins']): JsonObject {
  const named = Array.isArray(tools)
    ? tools.map((tool: unknown) =>
        isJsonObject(tool) && !isJsonObject(tool['function'])
          ? { type: tool['type'], function: origins.note({ name: tool['name'] }, { below: '' }) }
          : tool,
      )
    : tools;
  return origins.note({ mode, tools: named }, { below: '' });
}
