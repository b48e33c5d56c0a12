import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import {
  ignoredFields,
  isFalse,
  isHint,
  isHonoured,
  isRefused,
  isZero,
  unless,
  type FieldChecks,
} from '../../openai/check-fields.ts';
import { toInputItem, type InputPart } from './input-item.ts';
import type { ResponseRequest } from './response-request.ts';

/** What is done with each field; a field that is honoured is read elsewhere. */
const FIELDS: FieldChecks<ResponseRequest> = {
  model: isHonoured,
  input: isHonoured,
  instructions: isHonoured,
  previous_response_id: isHonoured,
  conversation: isHonoured,
  store: isHonoured,
  stream: isHonoured,
  stream_options: isHonoured,
  include: isHonoured,
  tools: isHonoured,
  tool_choice: isHonoured,
  parallel_tool_calls: isHonoured,
  text: isHonoured,
  reasoning: isHonoured,
  max_output_tokens: isHonoured,
  temperature: isHonoured,
  top_p: isHonoured,
  truncation: isHonoured,
  metadata: isHonoured,
  unreadFields: isHonoured,
  background: unless(isFalse, 'refused'),
  prompt: isRefused,
  moderation: isRefused,
  top_logprobs: unless(isZero, 'refused'),
  service_tier: unless((value) => value === 'auto' || value === 'default', 'ignored'),
  max_tool_calls: isHint,
  user: isHint,
  prompt_cache_key: isHint,
  safety_identifier: isHint,
  client_metadata: isHint,
  context_management: isHint,
  prompt_cache_options: isHint,
  prompt_cache_retention: isHint,
};

/** What a response can hold beyond what it always holds. */
const INCLUDABLE = 'reasoning.encrypted_content';

/** OpenAI's bounds of metadata. */
const METADATA = { keys: 16, keyCharacters: 64, valueCharacters: 512 };

/** The fields without effect. Throws a GatewayError of status 400 for one that changes the response and is not available. */
export function checkFields(request: ResponseRequest): string[] {
  const ignored = ignoredFields(request, FIELDS);
  checkMetadata(request.metadata ?? {});
  return [...ignored, ...nestedHints(request), ...request.unreadFields];
}

/** Whether reasoning is handed out so that it can be given back. */
export function includesEncryptedReasoning({ include }: ResponseRequest): boolean {
  return include?.includes(INCLUDABLE) ?? false;
}

function nestedHints(request: ResponseRequest): string[] {
  const { text, include, stream_options: options, reasoning } = request;
  const others = (include ?? []).filter((entry) => entry !== INCLUDABLE);
  if (others.includes('message.output_text.logprobs')) {
    const index = (include ?? []).indexOf('message.output_text.logprobs');
    throw unsupported("'message.output_text.logprobs' is not supported by this service.", `include[${index}]`);
  }
  return [
    ...(text?.verbosity && text.verbosity !== 'medium' ? ['text.verbosity'] : []),
    ...others.map((entry) => `include (${entry.slice(0, 100)})`),
    ...(options?.include_obfuscation === true ? ['stream_options.include_obfuscation'] : []),
    ...(reasoning?.summary && reasoning.summary !== 'auto' ? ['reasoning.summary'] : []),
    ...inputHints(request),
  ];
}

/** Known fields of items that have no effect. */
function inputHints({ input }: ResponseRequest): string[] {
  const hints = new Set<string>();
  for (const item of Array.isArray(input) ? input : []) {
    const read = toInputItem(item);
    if ('other' in read) continue;
    const { known } = read;
    if (known.type === 'message' && typeof known.content !== 'string') noteParts(known.content, 'content', hints);
    if ('output' in known && typeof known.output !== 'string') noteParts(known.output, 'output', hints);
  }
  return [...hints];
}

function noteParts(parts: readonly InputPart[], field: string, hints: Set<string>): void {
  for (const part of parts) {
    if (part.type === 'input_image' && (part.detail ?? 'auto') !== 'auto') hints.add(`input.${field}.detail`);
    if (part.type !== 'output_text') continue;
    if (part.annotations?.length) hints.add(`input.${field}.annotations`);
    if (part.logprobs?.length) hints.add(`input.${field}.logprobs`);
  }
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const keys = Object.keys(metadata);
  if (keys.length > METADATA.keys) {
    throw invalidRequest(`Invalid 'metadata': there can be no more than ${METADATA.keys} keys.`, 'metadata', 'invalid_value'); // prettier-ignore
  }
  for (const key of keys) {
    const value = metadata[key] ?? '';
    if (key.length <= METADATA.keyCharacters && value.length <= METADATA.valueCharacters) continue;
    const problem = `a key has at most ${METADATA.keyCharacters} characters and a value ${METADATA.valueCharacters}`;
    throw invalidRequest(`Invalid 'metadata': ${problem}.`, 'metadata', 'string_above_max_length');
  }
}
