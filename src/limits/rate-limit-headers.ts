import type { GatewayError } from '../common/errors/gateway-error.ts';
import { formatDuration } from './format-duration.ts';

export interface RateLimit {
  readonly limit: number;
  readonly used: number;
  /** Until nothing is used any more. */
  readonly resetMs: number;
}

/** How a request stands to the limits of a minute; what is not limited is absent. */
export interface RateLimitState {
  readonly requests?: RateLimit | undefined;
  readonly tokens?: RateLimit | undefined;
  /** Why the request is not served. */
  readonly refusal?: GatewayError;
}

/** OpenAI's headers for what is limited. */
export function rateLimitHeaders({ requests, tokens }: RateLimitState): Record<string, string> {
  return { ...headersOf('requests', requests), ...headersOf('tokens', tokens) };
}

function headersOf(kind: string, state: RateLimit | undefined): Record<string, string> {
  if (!state) return {};
  return {
    [`x-ratelimit-limit-${kind}`]: String(state.limit),
    [`x-ratelimit-remaining-${kind}`]: String(Math.max(0, state.limit - state.used)),
    [`x-ratelimit-reset-${kind}`]: formatDuration(state.resetMs),
  };
}
