import { z } from 'zod';
import { readBody, type Read } from '../../common/body/read-body.ts';

/*
 * The body of POST /v1/chat/completions, after OpenAI's description of CreateChatCompletionRequest. Fields it does not
 * name are tolerated and listed in `unreadFields`; null means absent where OpenAI allows it.
 */

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.object({ url: z.string().min(1), detail: z.enum(['auto', 'low', 'high', 'original']).nullish() }),
});
const audioPart = z.object({ type: z.literal('input_audio') });
const filePart = z.object({
  type: z.literal('file'),
  file: z.object({ file_data: z.string().nullish(), file_id: z.string().nullish(), filename: z.string().nullish() }),
});

const textContent = z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart]))]);
const userContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [textPart, imagePart, audioPart, filePart])),
]);
const assistantContent = z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart]))]);

const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');
const functionCall = z.object({ name: toolName, arguments: z.string() });
const toolCall = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), id: z.string().min(1), function: functionCall }),
]);

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: textContent, name: z.string().nullish() }),
  z.object({ role: z.literal('developer'), content: textContent, name: z.string().nullish() }),
  z.object({ role: z.literal('user'), content: userContent, name: z.string().nullish() }),
  z.object({
    role: z.literal('assistant'),
    content: assistantContent.nullish(),
    refusal: z.string().nullish(),
    name: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    function_call: functionCall.nullish(),
    audio: z.object({}).nullish(),
    // Part of every answer, so clients send it back.
    annotations: z.array(z.unknown()).nullish(),
  }),
  z.object({ role: z.literal('tool'), content: textContent, tool_call_id: z.string().min(1) }),
  z.object({ role: z.literal('function'), content: z.string().nullable(), name: toolName }),
]);

const jsonObject = z.record(z.string(), z.unknown());
const functionDefinition = z.object({
  name: toolName,
  description: z.string().nullish(),
  parameters: jsonObject.nullish(),
  strict: z.boolean().nullish(),
});
const tool = z.discriminatedUnion('type', [z.object({ type: z.literal('function'), function: functionDefinition })]);

const namedTool = z.object({ type: z.literal('function'), function: z.object({ name: toolName }) });
const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion('type', [
    namedTool,
    z.object({
      type: z.literal('allowed_tools'),
      allowed_tools: z.object({
        mode: z.enum(['auto', 'required']),
        tools: z.array(z.discriminatedUnion('type', [namedTool])).min(1),
      }),
    }),
  ]),
]);

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  // The schema is what other servers take beside this type.
  z.object({ type: z.literal('json_object'), schema: jsonObject.nullish() }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name: toolName,
      description: z.string().nullish(),
      schema: jsonObject.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** OpenAI's integers of 64 bits, which JSON gives as the number that is next to them. */
const longInteger = z
  .number()
  .min(-(2 ** 63))
  .max(2 ** 63)
  .refine(Number.isInteger, 'must be an integer');

const requestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  n: z.int().min(1).max(128).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: z.array(functionDefinition).min(1).max(128).nullish(),
  function_call: z.union([z.enum(['none', 'auto']), z.object({ name: toolName })]).nullish(),
  response_format: responseFormat.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  seed: longInteger.nullish(),
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  // Ours.
  conversation_id: z.string().nullish(),
  service_tier: z.string().nullish(),
  modalities: z.array(z.enum(['text', 'audio'])).nullish(),
  // Never read beyond whether they are there.
  audio: z.unknown().optional(),
  moderation: z.unknown().optional(),
  prediction: z.unknown().optional(),
  prompt_cache_key: z.unknown().optional(),
  prompt_cache_options: z.unknown().optional(),
  prompt_cache_retention: z.unknown().optional(),
  safety_identifier: z.unknown().optional(),
  verbosity: z.unknown().optional(),
  web_search_options: z.unknown().optional(),
});

// Compiles the schema now: the first request would wait for it.
requestSchema.safeParse({ model: 'm', messages: [{ role: 'user', content: [] }] });

export type RequestFields = z.output<typeof requestSchema>;

export type ChatCompletionRequest = Read<RequestFields>;

export type ChatMessage = z.output<typeof message>;
export type UserPart = z.output<typeof textPart | typeof imagePart | typeof audioPart | typeof filePart>;
export type FunctionDefinition = z.output<typeof functionDefinition>;

/** The body as a request. Throws a GatewayError of status 400 that names the first field that is wrong. */
export function parseChatCompletionRequest(body: unknown): ChatCompletionRequest {
  return readBody(requestSchema, body);
}
