/**
 * The loggable parts of an error message. Messages of the Messages API quote names, values and texts of clients, so only
 * known sentences and field names pass. Sources: observed error messages of the API and the CLI.
 */

/** Only digits vary. */
const SENTENCES: readonly RegExp[] = [
  /prompt is too long(?:: \d+ tokens > \d+ maximum)?/i,
  /exceed context limit: \d+ \+ \d+ > \d+/i,
  /max_tokens: \d+ > \d+, which is the maximum allowed number of output tokens/i,
  /credit balance is too low/i,
  /request too large(?: \(max \d+MB\))?/i,
  /image exceeds \d+ MB maximum/i,
  /image dimensions exceed max allowed size/i,
  /could not process (?:image|pdf)/i,
  /JSON schema is invalid/i,
  /string should (?:match pattern|have at (?:least|most) \d+ characters?)/i,
  /field required/i,
  /extra inputs are not permitted/i,
  /input should be a valid (?:string|dictionary|list|integer|number|boolean)/i,
  /input should be (?:greater|less) than(?: or equal to)? \d+/i,
  /tool names must be unique/i,
  /text content blocks must (?:be non-empty|contain non-whitespace text)/i,
  /all messages must have non-empty content/i,
  /final assistant content cannot end with trailing whitespace/i,
  /roles must alternate/i,
  /`tool_use` ids were found without `tool_result` blocks immediately after/i,
  /unexpected `tool_use_id` found in `tool_result` blocks/i,
  /invalid `?signature`? in `?thinking`? block/i,
  /`temperature` may only be set to 1 when thinking is enabled/i,
  /`max_tokens` must be greater than `thinking\.budget_tokens`/i,
  /thinking may not be enabled when tool_choice forces tool use/i,
  /output blocked by content filtering policy/i,
  /invalid x-api-key/i,
  /OAuth token has (?:expired|been revoked)/i,
  /overloaded/i,
  /internal server error/i,
  /connection (?:dropped|refused|error)/i,
  /request timed out/i,
  /API returned an empty or malformed response \(HTTP \d+\)/i,
  // Sentences of this service.
  /the (?:credentials were refused|rate limit (?:is|was) exceeded|API was overloaded)(?: a moment ago)?/,
  /the API asked for a long pause/,
  /the answer ended before it was complete/,
  /a content block has an impossible index/,
];

const SYSTEM_ERRORS =
  /\b(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|ERR_TLS_CERT_ALTNAME_INVALID)\b/;

const FIELDS: ReadonlySet<string> = new Set(
  `messages content system tools tool_choice custom input_schema name description thinking budget_tokens type text image
   document source base64 data media_type url tool_use tool_result tool_use_id id input role cache_control max_tokens
   temperature top_p top_k stop_sequences metadata user_id model output_config format effort json_schema schema signature
   is_error title stream`.split(/\s+/),
);
const POSITION = /^\d{1,6}$/;

/** The known sentences and system errors of a message; undefined without any. */
export function knownWords(message: string): string | undefined {
  const found = [...SENTENCES, SYSTEM_ERRORS].flatMap((pattern) => pattern.exec(message)?.[0] ?? []);
  return found.length > 0 ? found.join('; ') : undefined;
}

/** The field of the request at the start of a message, as in `messages.0.content`, up to the first name of a client. */
export function knownPlace(message: string): string | undefined {
  const steps = /^([\w.]{1,500}):/.exec(message)?.[1]?.split('.') ?? [];
  const unknown = steps.findIndex((step) => !FIELDS.has(step) && !POSITION.test(step));
  const known = unknown === -1 ? steps : [...steps.slice(0, unknown), '…'];
  return FIELDS.has(known[0] ?? '') ? known.join('.') : undefined;
}
