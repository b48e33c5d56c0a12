import { z } from 'zod';
import { anyObject, listOf, recordOf } from '../../../common/body/bounded-schemas.ts';
import { checkEmbeddedJson, type EmbeddedJson } from '../../../common/body/check-embedded-json.ts';
import { readBody, type Read } from '../../../common/body/read-body.ts';
import { toolName, assistantContent, resultContent, textContent, userContent } from './message-content.ts';
import type { OpenAiBody } from '../client-forms/to-openai-body.ts';
import { longInteger } from '../../../openai/long-integer.ts';
import { checkToolSize } from '../../../turns/tools/check-tool-size.ts';

/*
 * The body of POST /v1/chat/completions, after OpenAI's description of CreateChatCompletionRequest. Fields it does not
 * name are tolerated and listed in `unreadFields`; null means absent where OpenAI allows it.
 */

const functionCall = z.object({ name: toolName, arguments: z.string() });
const toolCall = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), id: z.string(), function: functionCall }),
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
    tool_calls: listOf(toolCall).nullish(),
    function_call: functionCall.nullish(),
    audio: z.looseObject({}).nullish(),
    // Part of every answer, so clients send it back.
    annotations: listOf(z.unknown()).nullish(),
  }),
  z.object({
    role: z.literal('tool'),
    content: resultContent,
    tool_call_id: z.string(),
    // Ours, as Anthropic's parts have it.
    is_error: z.boolean().nullish(),
  }),
  z.object({ role: z.literal('function'), content: z.string().nullable(), name: toolName }),
]);

const jsonObject = anyObject();
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
        tools: listOf(z.discriminatedUnion('type', [namedTool]), { min: 1 }),
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

const requestSchema = z.object({
  model: z.string().min(1),
  messages: listOf(message, { min: 1 }),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), listOf(z.string(), { max: 4 })]).nullish(),
  n: z.int().min(1).max(128).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  tools: listOf(tool, { max: 128 }).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: listOf(functionDefinition, { min: 1, max: 128 }).nullish(),
  function_call: z.union([z.enum(['none', 'auto']), z.object({ name: toolName })]).nullish(),
  response_format: responseFormat.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: recordOf(z.number()).nullish(),
  seed: longInteger.nullish(),
  user: z.string().nullish(),
  metadata: recordOf(z.string()).nullish(),
  store: z.boolean().nullish(),
  // Ours.
  conversation_id: z.string().nullish(),
  service_tier: z.string().nullish(),
  modalities: listOf(z.enum(['text', 'audio'])).nullish(),
  // Never read beyond whether they are there.
  audio: z.unknown().optional(),
  background: z.unknown().optional(),
  moderation: z.unknown().optional(),
  prediction: z.unknown().optional(),
  previous_response_id: z.unknown().optional(),
  prompt: z.unknown().optional(),
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
export type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;
export type FunctionDefinition = z.output<typeof functionDefinition>;

/**
 * A body in OpenAI's form as a request. Throws a GatewayError of status 400 that names the first field that is wrong.
 *
 * @param form where the body comes from
 */
export function parseChatCompletionRequest(body: unknown, form?: Omit<OpenAiBody, 'body'>): ChatCompletionRequest {
  const { origins, ignored = [] } = form ?? {};
  const request = readBody(requestSchema, body, origins?.childName);
  checkEmbeddedJson(callArguments(request.messages));
  checkToolSize((request.tools ?? []).map((each) => each.function.parameters), 'tools'); // prettier-ignore
  checkToolSize((request.functions ?? []).map(({ parameters }) => parameters), 'functions'); // prettier-ignore
  return ignored.length === 0 ? request : { ...request, unreadFields: [...ignored, ...request.unreadFields] };
}

function* callArguments(messages: readonly ChatMessage[]): Iterable<EmbeddedJson> {
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    for (const [callIndex, call] of (message.tool_calls ?? []).entries()) {
      yield { json: call.function.arguments, path: `messages[${index}].tool_calls[${callIndex}].function.arguments` };
    }
    if (message.function_call) {
      yield { json: message.function_call.arguments, path: `messages[${index}].function_call.arguments` };
    }
  }
}
