import type { RateLimitLine } from '../transport/messages.ts';

/** The state of one allowance of a subscription; API keys have none. */
export interface RateLimit {
  readonly status: 'allowed' | 'allowed_warning' | 'rejected';
  /** The allowance: `five_hour`, `seven_day`, `seven_day_opus`, `overage`, …; `unknown` if unnamed. */
  readonly type: string;
  /** When it is reset, in milliseconds since the epoch. */
  readonly resetsAtMs?: number;
  /** The used part, usually from 0 to 1. */
  readonly utilization?: number;
}

/** Maps a `rate_limit_event` (SDKRateLimitInfo in the Agent SDK's types); undefined without a known status. */
export function toRateLimit({ rate_limit_info: info }: RateLimitLine): RateLimit | undefined {
  const status = info?.status;
  if (status !== 'allowed' && status !== 'allowed_warning' && status !== 'rejected') return undefined;
  const type = info?.rateLimitType ?? 'unknown';
  const utilization = info?.utilization ?? info?.unifiedWindows?.[type]?.utilization;
  return {
    status,
    type,
    ...(typeof info?.resetsAt === 'number' && { resetsAtMs: info.resetsAt * 1000 }),
    ...(typeof utilization === 'number' && { utilization }),
  };
}

/** Whether the allowance covers every model; others are named after their model family (`seven_day_opus`). */
export function isAccountWide({ type }: RateLimit): boolean {
  return type === 'five_hour' || type === 'seven_day' || type.endsWith('overage') || type.endsWith('overage_included');
}
