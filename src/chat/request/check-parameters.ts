import {
  ignoredFields,
  isEmptyObject,
  isFalse,
  isHint,
  isHonoured,
  isRefused,
  isZero,
  unless,
  type FieldChecks,
} from '../../openai/check-fields.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { messageHints } from './message-hints.ts';

/** What is done with each field; the reasons stand in docs/compatibility.md. A field that is honoured is read elsewhere. */
const FIELDS: FieldChecks<ChatCompletionRequest> = {
  model: isHonoured,
  messages: isHonoured,
  stream: isHonoured,
  stream_options: isHonoured,
  temperature: isHonoured,
  top_p: isHonoured,
  max_tokens: isHonoured,
  max_completion_tokens: isHonoured,
  stop: isHonoured,
  n: isHonoured,
  reasoning_effort: isHonoured,
  tools: isHonoured,
  tool_choice: isHonoured,
  parallel_tool_calls: isHonoured,
  functions: isHonoured,
  function_call: isHonoured,
  response_format: isHonoured,
  store: isHonoured,
  conversation_id: isHonoured,
  unreadFields: isHonoured,
  logprobs: unless(isFalse, 'refused'),
  top_logprobs: unless(isZero, 'refused'),
  logit_bias: unless(isEmptyObject, 'ignored'),
  modalities: unless((value) => JSON.stringify(value) === '["text"]', 'refused'),
  audio: isRefused,
  web_search_options: isRefused,
  moderation: isRefused,
  previous_response_id: isRefused,
  prompt: (value) => (typeof value === 'object' ? 'refused' : 'ignored'),
  background: unless(isFalse, 'refused'),
  presence_penalty: unless(isZero, 'ignored'),
  frequency_penalty: unless(isZero, 'ignored'),
  seed: isHint,
  user: isHint,
  metadata: isHint,
  service_tier: unless((value) => value === 'auto' || value === 'default', 'ignored'),
  prediction: isHint,
  verbosity: unless((value) => value === 'medium', 'ignored'),
  safety_identifier: isHint,
  prompt_cache_key: isHint,
  prompt_cache_retention: isHint,
  prompt_cache_options: isHint,
};

/** The fields without effect. Throws a GatewayError of status 400 for one that changes the answer and is not available. */
export function checkParameters(request: ChatCompletionRequest): string[] {
  return [...ignoredFields(request, FIELDS), ...nestedHints(request), ...request.unreadFields];
}

/** Known fields further down that have no effect. */
function nestedHints({ messages, tools, functions, stream_options: options }: ChatCompletionRequest): string[] {
  const isStrict = (tools ?? []).some((tool) => tool.function.strict === true);
  const isStrictFunction = (functions ?? []).some(({ strict }) => strict === true);
  return [
    ...messageHints(messages),
    ...(isStrict ? ['tools.function.strict'] : []),
    ...(isStrictFunction ? ['functions.strict'] : []),
    ...(options?.include_obfuscation === true ? ['stream_options.include_obfuscation'] : []),
  ];
}
