import { NotLoggedInError, UpstreamError, type ClaudeCliError } from './errors.ts';
import type { AssistantLine, ResultLine } from './messages.ts';
import { isAccountWide, type RateLimit } from './rate-limit.ts';

/** The Messages API's own words, without what the CLI puts around them. */
const FRAMING = /^(?:Failed to authenticate\.\s*)?(?:API Error:\s*)?(?:Request rejected \(\d+\)\s*·\s*)?(?:\d{3}\s+)?/;
const LONG_RETRY_AFTER_SECONDS = 60;

/**
 * Why a turn failed.
 *
 * @param account the message in which the CLI tells of the failure
 * @param limit what the provider said of the account's allowances
 */
export function toTurnError(
  line: ResultLine,
  account: AssistantLine | undefined,
  limit: RateLimit | undefined,
): ClaudeCliError {
  const text = line.result ?? '';
  const status = line.api_error_status ?? undefined;
  // Without an account of the CLI the text is the model's.
  if (account && status === undefined && /not logged in|\/login/i.test(text))
    return new NotLoggedInError('the CLI is not logged in');
  const detail = text.replace(FRAMING, '').trim();
  return new UpstreamError(
    status,
    detail === '' ? line.subtype : detail,
    status === 429 ? secondsUntilReset(limit) : undefined,
    line.terminal_reason === 'prompt_too_long',
    status === 401 || (status === 429 && limit?.status === 'rejected' && isAccountWide(limit)),
    {
      errorType: line.api_error_type,
      reason: [line.api_error, account?.error, line.subtype].find(isTelling),
      terminalReason: line.terminal_reason,
      requestId: account?.request_id,
    },
  );
}

function isTelling(reason: string | undefined): boolean {
  return reason !== undefined && reason !== 'unknown' && reason !== 'success';
}

/** The CLI gives up without a word of it when the API asks for more than a minute, unless an allowance is used up. */
function secondsUntilReset(limit: RateLimit | undefined): number {
  if (limit?.status !== 'rejected' || limit.resetsAtMs === undefined) return LONG_RETRY_AFTER_SECONDS;
  return Math.max(1, Math.ceil((limit.resetsAtMs - Date.now()) / 1000));
}
