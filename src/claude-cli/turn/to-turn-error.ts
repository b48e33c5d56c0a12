import { clientToolName } from '../session/client-tools.ts';
import { NotLoggedInError, ToolRefusedError, UpstreamError, type ClaudeCliError } from '../errors.ts';
import type { AssistantLine, ResultLine } from '../transport/messages.ts';
import { isAccountWide, type RateLimit } from './rate-limit.ts';

/** The Messages API's own words, without what the CLI puts around them. */
const FRAMING = /^(?:Failed to authenticate\.\s*)?(?:API Error:\s*)?(?:Request rejected \(\d+\)\s*·\s*)?(?:\d{3}\s+)?/;
const LONG_RETRY_AFTER_SECONDS = 60;

/** How the Messages API names a tool that it refuses: by its place in the request. */
const TOOL_PLACE = /^tools\.(\d+)\./;

/**
 * Why a turn failed, as its result tells.
 *
 * @param account the message in which the CLI tells of the failure
 * @param limit what the provider said of the account's allowances
 * @param toolNames the tools of the request, in its order and under the model's names
 */
export function toTurnError(
  line: ResultLine,
  account: AssistantLine | undefined,
  limit: RateLimit | undefined,
  toolNames: readonly string[],
): ClaudeCliError {
  const text = line.result ?? '';
  const status = line.api_error_status ?? undefined;
  // Without an account of the CLI the text is the model's.
  if (account && status === undefined && /not logged in|\/login/i.test(text))
    return new NotLoggedInError('the CLI is not logged in');
  const detail = text.replace(FRAMING, '').trim();
  const toolName = clientToolName(toolNames[Number(TOOL_PLACE.exec(detail)?.[1])] ?? '');
  const source = {
    errorType: line.api_error_type,
    reason: [line.api_error, account?.error, line.subtype].find(isTelling),
    terminalReason: line.terminal_reason,
    requestId: account?.request_id,
  };
  if (status === 400 && toolName !== undefined) return new ToolRefusedError(detail, toolName, source);
  return new UpstreamError(
    status,
    detail === '' ? line.subtype : detail,
    status === 429 ? secondsUntilReset(limit) : undefined,
    line.terminal_reason === 'prompt_too_long',
    status === 401 || (status === 429 && limit?.status === 'rejected' && isAccountWide(limit)),
    source,
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
