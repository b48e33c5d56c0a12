import { UpstreamError } from '../errors.ts';
import type { SystemLine } from '../transport/messages.ts';

/** A longer pause before the CLI's next attempt is reported to the client instead. */
const LONGEST_SILENT_PAUSE_SECONDS = 5;

/**
 * The error for a request that the CLI is about to retry, if the client should not wait for that; otherwise undefined.
 *
 * @param line of the subtype `api_retry`
 */
export function toRetryFailure(line: SystemLine): UpstreamError | undefined {
  const status = line.error_status ?? undefined;
  // The wait that the API asked for, plus up to a quarter by the CLI; below a second it is the CLI's own first pause.
  const asked = Math.floor((line.retry_delay_ms ?? 0) / 1000);
  const isAsked = line.attempt === 1 && asked > 0;
  const source = { reason: line.error };
  // Waiting does not help with wrong credentials: the CLI retries a 403 only for a refused login.
  if (status === 401 || status === 403)
    return new UpstreamError(status, 'the credentials were refused', undefined, false, true, source);
  // The client waits out a rate limit, and any long pause.
  if (status === 429)
    return new UpstreamError(429, 'the rate limit is exceeded', isAsked ? asked : undefined, false, false, source);
  if (isAsked && asked >= LONGEST_SILENT_PAUSE_SECONDS)
    return new UpstreamError(status, 'the API asked for a long pause', asked, false, false, source);
  return undefined;
}
