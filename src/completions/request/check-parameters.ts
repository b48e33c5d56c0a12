import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import {
  ignoredFields,
  isEmptyObject,
  isHint,
  isHonoured,
  isRefused,
  isZero,
  unless,
  type FieldChecks,
} from '../../openai/check-fields.ts';
import type { CompletionRequest } from './completion-request.ts';

/** What is done with each field; the reasons stand in docs/compatibility.md. */
const FIELDS: FieldChecks<CompletionRequest> = {
  model: isHonoured,
  prompt: isHonoured,
  suffix: isHonoured,
  echo: isHonoured,
  stream: isHonoured,
  stream_options: isHonoured,
  temperature: isHonoured,
  top_p: isHonoured,
  max_tokens: isHonoured,
  stop: isHonoured,
  n: isHonoured,
  best_of: isHonoured,
  unreadFields: isHonoured,
  // Even 0 asks for the probability of each token.
  logprobs: isRefused,
  logit_bias: unless(isEmptyObject, 'ignored'),
  presence_penalty: unless(isZero, 'ignored'),
  frequency_penalty: unless(isZero, 'ignored'),
  seed: isHint,
  user: isHint,
};

/** The fields without effect. Throws a GatewayError of status 400 for one that changes the answer and is not available. */
export function checkParameters(request: CompletionRequest): string[] {
  checkBestOf(request);
  return [
    ...ignoredFields(request, FIELDS),
    ...(request.stream_options?.include_obfuscation === true ? ['stream_options.include_obfuscation'] : []),
    ...request.unreadFields,
  ];
}

/** Every choice is returned; the best ones are not chosen. */
function checkBestOf({ best_of: bestOf, n }: CompletionRequest): void {
  const choices = n ?? 1;
  if (bestOf === null || bestOf === undefined || bestOf === choices) return;
  if (bestOf < choices) {
    throw invalidRequest(
      `Invalid 'best_of': expected a value >= ${choices}, which is 'n'.`,
      'best_of',
      'invalid_value',
    );
  }
  throw unsupported("Unsupported parameter: 'best_of' above 'n' is not supported by this service.", 'best_of');
}
