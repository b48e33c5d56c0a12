import { UpstreamError } from '../errors.ts';
import type { SystemLine } from '../transport/messages.ts';

/** A client is not kept waiting for a longer pause before the CLI's next attempt. */
const LONGEST_SILENT_PAUSE_SECONDS = 5;

/**
 * The failure of a request that the CLI is about to repeat, where waiting for that does not serve the client; undefined where it
 * does.
 *
 * @param line of the subtype `api_retry`
 */
export function toRetryFailure(line: SystemLine): UpstreamError | undefined {
  const status = line.error_status ?? undefined;
  // What the API asked for, and up to a quarter more that the CLI adds; less than a second is the CLI's own first pause.
  const asked = Math.floor((line.retry_delay_ms ?? 0) / 1000);
  const isAsked = line.attempt === 1 && asked > 0;
  const source = { reason: line.error };
  // Waiting does not help where the credentials are wrong: a 403 is only tried again for a login that was refused.
  if (status === 401 || status === 403)
    return new UpstreamError(status, 'the credentials were refused', undefined, false, true, source);
  // A rate limit is for the client to wait out, and so is a long pause for whatever reason.
  if (status === 429)
    return new UpstreamError(429, 'the rate limit is exceeded', isAsked ? asked : undefined, false, false, source);
  if (isAsked && asked >= LONGEST_SILENT_PAUSE_SECONDS)
    return new UpstreamError(status, 'the API asked for a long pause', asked, false, false, source);
  return undefined;
}
