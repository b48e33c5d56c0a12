import { unsupported } from '../../common/errors/gateway-error.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { messageHints } from './message-hints.ts';

type Verdict = 'honoured' | 'ignored' | 'refused';
type Check = (value: unknown) => Verdict;

const isHonoured: Check = () => 'honoured';
const isHint: Check = () => 'ignored';
const isRefused: Check = () => 'refused';
const unless = (isDefault: (value: unknown) => boolean, otherwise: 'ignored' | 'refused'): Check => (value) => isDefault(value) ? 'honoured' : otherwise; // prettier-ignore
const isFalse = (value: unknown): boolean => value === false;
const isZero = (value: unknown): boolean => value === 0;

/** What is done with each field; the reasons stand in docs/compatibility.md. A field that is honoured is read elsewhere. */
const FIELDS: Readonly<Record<keyof ChatCompletionRequest, Check>> = {
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
  logit_bias: unless((value) => Object.keys(value as object).length === 0, 'ignored'),
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
  const ignored: string[] = [];
  for (const [field, check] of Object.entries(FIELDS)) {
    const value = request[field as keyof ChatCompletionRequest];
    if (value === null || value === undefined) continue;
    const verdict = check(value);
    if (verdict === 'refused')
      throw unsupported(`Unsupported parameter: '${field}' is not supported by this service.`, field);
    if (verdict === 'ignored') ignored.push(field);
  }
  return [...ignored, ...nestedHints(request), ...request.unreadFields];
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
