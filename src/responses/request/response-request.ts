import { z } from 'zod';
import { anyObject, listOf, recordOf } from '../../common/body/bounded-schemas.ts';
import { checkEmbeddedJson, type EmbeddedJson } from '../../common/body/check-embedded-json.ts';
import { readBody, type Read } from '../../common/body/read-body.ts';
import { inputItem } from './input-item.ts';

/*
 * The body of POST /v1/responses, after OpenAI's description of CreateResponse. Fields it does not name are tolerated and
 * listed in `unreadFields`; null means absent.
 */

const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');

/** More than agents offer, groups of tools included. */
const MAX_TOOLS = 512;

const jsonObject = anyObject();

const functionTool = z.object({
  type: z.literal('function'),
  name: toolName,
  description: z.string().nullish(),
  parameters: jsonObject.nullish(),
  strict: z.boolean().nullish(),
});
const customTool = z.object({
  type: z.literal('custom'),
  name: toolName,
  description: z.string().nullish(),
  format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('grammar'), syntax: z.string(), definition: z.string() }),
    ])
    .nullish(),
});
const namespaceTool = z.object({
  type: z.literal('namespace'),
  name: toolName,
  description: z.string().nullish(),
  tools: listOf(z.discriminatedUnion('type', [functionTool, customTool]), { max: MAX_TOOLS }),
});
const toolSchemas = { function: functionTool, custom: customTool, namespace: namespaceTool };

export type FunctionTool = z.output<typeof functionTool>;
export type CustomTool = z.output<typeof customTool>;
export type NamespaceTool = z.output<typeof namespaceTool>;
/** A tool of the provider's own, which no other service has. */
export interface OtherTool {
  readonly type: string;
}
export type RequestTool = FunctionTool | CustomTool | NamespaceTool | OtherTool;

/** Objects that are told apart by their type; those of a type that is not known are handed on as they are. */
function typedObject<Known>(schemas: Readonly<Record<string, z.ZodType>>): z.ZodType<Known | OtherTool> {
  return z.unknown().transform((value, context): Known | OtherTool => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      context.issues.push({ code: 'invalid_type', expected: 'object', input: value });
      return z.NEVER;
    }
    const { type } = value as { type?: unknown };
    if (typeof type !== 'string') {
      context.issues.push({ code: 'invalid_type', expected: 'string', path: ['type'], input: type });
      return z.NEVER;
    }
    const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
    if (!schema) return value as OtherTool;
    const result = schema.safeParse(value);
    if (result.success) return result.data as Known;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: undefined });
    return z.NEVER;
  });
}

const chosenTool = z.object({
  type: z.enum(['function', 'custom']),
  name: z.string(),
  namespace: z.string().nullish(),
});
const allowedTools = z.object({
  type: z.literal('allowed_tools'),
  mode: z.enum(['auto', 'required']),
  tools: listOf(typedObject<ChosenTool>({ function: chosenTool, custom: chosenTool }), { min: 1, max: MAX_TOOLS }),
});
export type ChosenTool = z.output<typeof chosenTool>;
export type AllowedTools = z.output<typeof allowedTools>;
const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  typedObject<ChosenTool | AllowedTools>({ function: chosenTool, custom: chosenTool, allowed_tools: allowedTools }),
]);

const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: toolName,
    description: z.string().nullish(),
    schema: jsonObject,
    strict: z.boolean().nullish(),
  }),
]);

const requestSchema = z.object({
  model: z.string().min(1),
  input: z.union([z.string(), listOf(inputItem)]).nullish(),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_obfuscation: z.boolean().nullish() }).nullish(),
  include: listOf(z.string(), { max: 32 }).nullish(),
  tools: listOf(typedObject<FunctionTool | CustomTool | NamespaceTool>(toolSchemas), { max: MAX_TOOLS }).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.object({ format: textFormat.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
  reasoning: z
    .object({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed', 'none']).nullish(),
      generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  metadata: recordOf(z.string()).nullish(),
  user: z.string().nullish(),
  service_tier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  background: z.boolean().nullish(),
  // Never read beyond whether they are there.
  client_metadata: z.unknown().optional(),
  context_management: z.unknown().optional(),
  moderation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  prompt_cache_options: z.unknown().optional(),
  prompt_cache_retention: z.unknown().optional(),
});

// Compiles the schema now: the first request would wait for it.
requestSchema.safeParse({ model: 'm', input: [{ role: 'user', content: [] }] });

export type RequestFields = z.output<typeof requestSchema>;
export type ResponseRequest = Read<RequestFields>;

/** Throws a GatewayError of status 400 that names the first field that is wrong. */
export function parseResponseRequest(body: unknown): ResponseRequest {
  const request = readBody(requestSchema, body);
  checkEmbeddedJson(callArguments(request.input));
  return request;
}

function* callArguments(input: ResponseRequest['input']): Iterable<EmbeddedJson> {
  if (!Array.isArray(input)) return;
  for (const [index, item] of input.entries()) {
    if (item.type === 'function_call' && 'arguments' in item && typeof item.arguments === 'string') {
      yield { json: item.arguments, path: `input[${index}].arguments` };
    }
  }
}
