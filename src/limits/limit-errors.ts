import { GatewayError } from '../common/errors/gateway-error.ts';
import { formatDuration } from './format-duration.ts';
import type { Scope } from './scopes.ts';

/** When a place may have come free again is not known; this soon it is worth asking. */
const RETRY_PLACE_SECONDS = 1;

const UNITS = { requests: 'requests per min (RPM)', tokens: 'tokens per min (TPM)' } as const;

/** More requests or tokens than its minute allows; OpenAI's words and type. */
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

/** The day's money is spent; OpenAI's type and code for it. */
export function quotaExceeded(scope: Scope, limit: number, msToNextDay: number): GatewayError {
  const message =
    `The daily cost ceiling of ${scope.label} is reached: Limit $${limit}. ` +
    `Please try again in ${formatDuration(msToNextDay)}, when the next day (UTC) begins.`;
  return new GatewayError(429, message, {
    code: 'insufficient_quota',
    retryAfterSeconds: Math.max(1, msToNextDay / 1000),
  });
}
