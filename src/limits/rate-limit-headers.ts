import type { GatewayError } from '../common/errors/gateway-error.ts';
import { formatDuration } from './format-duration.ts';

export interface RateLimit {
  readonly limit: number;
  readonly used: number;
  /** Milliseconds until the usage is zero again. */
  readonly resetMs: number;
}

/** The minute limits of a request and their usage; unlimited ones are absent. */
export interface RateLimitState {
  readonly requests?: RateLimit | undefined;
  readonly tokens?: RateLimit | undefined;
  /** Why the request is refused. */
  readonly refusal?: GatewayError;
}

/** OpenAI's headers for the limited quantities. */
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
