import { clientToolName } from '../session/client-tools.ts';
import { NotLoggedInError, ToolRefusedError, UpstreamError, type ClaudeCliError } from '../errors.ts';
import type { AssistantLine, ResultLine } from '../transport/messages.ts';
import { isAccountWide, type RateLimit } from './rate-limit.ts';

/** What the CLI puts around the message of the Messages API. */
const FRAMING = /^(?:Failed to authenticate\.\s*)?(?:API Error:\s*)?(?:Request rejected \(\d+\)\s*·\s*)?(?:\d{3}\s+)?/;
const LONG_RETRY_AFTER_SECONDS = 60;

/** How the Messages API names a tool that it refuses: by its position in the request. */
const TOOL_PLACE = /^tools\.(\d+)\./;

/**
 * The error of a failed turn.
 *
 * @param account the message in which the CLI reports the failure
 * @param limit the last reported state of the account's allowances
 * @param toolNames the tools of the request in order, under the model's names
 */
export function toTurnError(
  line: ResultLine,
  account: AssistantLine | undefined,
  limit: RateLimit | undefined,
  toolNames: readonly string[],
): ClaudeCliError {
  const text = line.result ?? '';
  const status = line.api_error_status ?? undefined;
  // Without the CLI's report the text is the model's.
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

/** The CLI gives up silently if the API asks for more than a minute; only a used-up allowance has a known end. */
function secondsUntilReset(limit: RateLimit | undefined): number {
  if (limit?.status !== 'rejected' || limit.resetsAtMs === undefined) return LONG_RETRY_AFTER_SECONDS;
  return Math.max(1, Math.ceil((limit.resetsAtMs - Date.now()) / 1000));
}
