import { GatewayError } from '../common/errors/gateway-error.ts';
import { formatDuration } from './format-duration.ts';
import type { Scope } from './scopes.ts';

/** The wait before a retry for a place; when one becomes free is unknown. */
const RETRY_PLACE_SECONDS = 1;

const UNITS = { requests: 'requests per min (RPM)', tokens: 'tokens per min (TPM)' } as const;

/** The error for requests or tokens beyond a minute limit, with OpenAI's message and type. */
export function rateLimitReached(
  kind: keyof typeof UNITS,
  scope: Scope,
  limit: number,
  used: number,
  resetMs: number,
): GatewayError {
  const message =
    `Rate limit reached for ${scope.label} on ${UNITS[kind]}: Limit ${limit}, Used ${used}. ` +
    `Please try again in ${formatDuration(resetMs)}.`;
  return new GatewayError(429, message, {
    limit: kind,
    code: 'rate_limit_exceeded',
    retryAfterSeconds: Math.max(1, resetMs / 1000),
  });
}

export function tooManyAtOnce(scope: Scope, limit: number): GatewayError {
  const message = `Too many simultaneous requests for ${scope.label}: Limit ${limit}. Please try again after one has ended.`;
  return new GatewayError(429, message, {
    code: 'rate_limit_exceeded',
    retryAfterSeconds: RETRY_PLACE_SECONDS,
  });
}

/** The error for a spent daily budget, with OpenAI's type and code. */
export function quotaExceeded(scope: Scope, limit: number, msToNextDay: number): GatewayError {
  const message =
    `The daily cost ceiling of ${scope.label} is reached: Limit $${limit}. ` +
    `Please try again in ${formatDuration(msToNextDay)}, when the next day (UTC) begins.`;
  return new GatewayError(429, message, {
    code: 'insufficient_quota',
    retryAfterSeconds: Math.max(1, msToNextDay / 1000),
  });
}
