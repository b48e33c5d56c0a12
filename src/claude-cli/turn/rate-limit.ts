import type { RateLimitLine } from '../transport/messages.ts';

/** What the provider says of a subscription's allowance; nothing of the kind is told for API keys. */
export interface RateLimit {
  readonly status: 'allowed' | 'allowed_warning' | 'rejected';
  /** Which allowance: `five_hour`, `seven_day`, `seven_day_opus`, `overage`, …; `unknown` where it was not said. */
  readonly type: string;
  /** When it is whole again, in milliseconds since the epoch. */
  readonly resetsAtMs?: number;
  /** The part that is used, usually from 0 to 1. */
  readonly utilization?: number;
}

/** Reads a `rate_limit_event` (SDKRateLimitInfo in the Agent SDK's types); undefined when it says nothing of use. */
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

/** Whether every model draws on the allowance; others are named after the family that has them (`seven_day_opus`). */
export function isAccountWide({ type }: RateLimit): boolean {
  return type === 'five_hour' || type === 'seven_day' || type.endsWith('overage') || type.endsWith('overage_included');
}
