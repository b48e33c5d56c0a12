import { z } from 'zod';
import { anyObject, listOf } from '../../../common/body/bounded-schemas.ts';
import { checkEmbeddedJson, type EmbeddedJson } from '../../../common/body/check-embedded-json.ts';
import { readBody, type Read } from '../../../common/body/read-body.ts';
import { checkToolSize } from '../../../turns/tools/check-tool-size.ts';
import { assistantContent, isOther, textContent, userContent } from './content-blocks.ts';

/*
 * The body of POST /v1/messages, after Anthropic's description of MessageCreateParams. Fields it does not name are tolerated
 * and listed in `unreadFields`; null means absent.
 */

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), content: userContent }),
  z.object({ role: z.literal('assistant'), content: assistantContent }),
  z.object({ role: z.literal('system'), content: textContent }),
]);

const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');

const clientTool = z.object({
  name: toolName,
  input_schema: anyObject(),
  description: z.string().nullish(),
  strict: z.boolean().nullish(),
  type: z.literal('custom').nullish(),
});

/** A tool that Anthropic defines, as `web_search_20250305` is. */
const providerTool = z.looseObject({
  type: z.string().refine((type) => type !== 'custom', 'is not the type of a tool'),
  name: z.string().nullish(),
});

const isParallelDisabled = z.boolean().nullish();
const toolChoice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto'), disable_parallel_tool_use: isParallelDisabled }),
  z.object({ type: z.literal('any'), disable_parallel_tool_use: isParallelDisabled }),
  z.object({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: isParallelDisabled }),
  z.object({ type: z.literal('none') }),
]);

const outputFormat = z.discriminatedUnion('type', [z.object({ type: z.literal('json_schema'), schema: anyObject() })]);

const requestSchema = z.object({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: listOf(message, { min: 1 }),
  system: textContent.nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  stop_sequences: listOf(z.string().min(1), { max: 100 }).nullish(),
  tools: listOf(z.union([clientTool, providerTool]), { max: 128 }).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(1024) }),
      z.object({ type: z.literal('adaptive') }),
      z.object({ type: z.literal('disabled') }),
    ])
    .nullish(),
  output_config: z
    .object({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(), format: outputFormat.nullish() })
    .nullish(),
  output_format: outputFormat.nullish(),
  metadata: anyObject().nullish(),
  service_tier: z.string().nullish(),
  // Ours, as chat completions have it.
  store: z.boolean().nullish(),
  // Never read beyond whether they are there.
  thread: z.unknown().optional(),
  container: z.unknown().optional(),
  context_management: z.unknown().optional(),
  mcp_servers: z.unknown().optional(),
});

// Compiles the schema now: the first request would wait for it.
requestSchema.safeParse({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [] }] });

export type MessagesRequest = Read<z.output<typeof requestSchema>>;
export type AnthropicMessage = z.output<typeof message>;
export type ClientTool = z.output<typeof clientTool>;
type ProviderTool = z.output<typeof providerTool>;

export function isClientTool(tool: ClientTool | ProviderTool): tool is ClientTool {
  return tool.type === undefined || tool.type === null || tool.type === 'custom';
}

/**
 * A body as a request. Throws a GatewayError of status 400 that names the first field that is wrong.
 *
 * @param changed what of the body is not as the client sent it, in words for a header
 */
export function parseMessagesRequest(body: unknown, changed: readonly string[] = []): MessagesRequest {
  const request = readBody(requestSchema, body);
  checkEmbeddedJson(textInputs(request.messages));
  const schemas = (request.tools ?? []).filter(isClientTool).map(({ input_schema: schema }) => schema);
  checkToolSize(schemas, 'tools');
  return changed.length === 0 ? request : { ...request, unreadFields: [...changed, ...request.unreadFields] };
}

/** Inputs that a client has written as a text. */
function* textInputs(messages: readonly AnthropicMessage[]): Iterable<EmbeddedJson> {
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== 'assistant' || typeof content === 'string') continue;
    for (const [blockIndex, block] of content.entries()) {
      if (isOther(block) || block.type !== 'tool_use' || typeof block.input !== 'string') continue;
      yield { json: block.input, path: `messages[${index}].content[${blockIndex}].input` };
    }
  }
}
