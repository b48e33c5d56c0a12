import {
  ignoredFields,
  isEmptyObject,
  isFalse,
  isHint,
  isRefused,
  isZero,
  unless,
  type FieldCheck,
} from '../../openai/check-fields.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { messageHints } from './message-hints.ts';

/** Fields that are read elsewhere. */
const SUPPORTED = new Set([
  'model', 'messages', 'stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'stop',
  'n', 'reasoning_effort', 'tools', 'tool_choice', 'parallel_tool_calls', 'functions', 'function_call', 'response_format',
  'store', 'conversation_id', 'unreadFields',
]); // prettier-ignore

/** What is done with each field that has no counterpart; the reasons stand in docs/compatibility.md. */
const OTHERS: Readonly<Record<string, FieldCheck>> = {
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
  return [...ignoredFields(request, SUPPORTED, OTHERS), ...nestedHints(request), ...request.unreadFields];
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
