import type { RequestContext } from '../common/http/request-context.ts';
import type { Usage } from '../limits/limits.service.ts';

/** What the key that asks may do and has used up. Of other keys nothing is told. */
export interface KeyFigures {
  readonly name: string;
  readonly models: readonly string[] | 'all';
  readonly agent: boolean;
  readonly admin: boolean;
  readonly requests_per_minute: Share;
  readonly tokens_per_minute: Share;
  readonly max_simultaneous: number | null;
  readonly daily_cost_usd: Share;
}

interface Share {
  /** Null: not bounded; what is used within a minute is then not counted. */
  readonly limit: number | null;
  readonly used: number;
}

export function toKeyFigures({ tenant, policy }: RequestContext, usage: Usage): KeyFigures {
  return {
    name: tenant,
    models: policy.models ?? 'all',
    agent: policy.agent,
    admin: policy.admin,
    requests_per_minute: { limit: policy.requestsPerMinute ?? null, used: usage.requestsThisMinute },
    tokens_per_minute: { limit: policy.tokensPerMinute ?? null, used: usage.tokensThisMinute },
    max_simultaneous: policy.maxSimultaneous ?? null,
    daily_cost_usd: { limit: policy.dailyCostUsd ?? null, used: usage.costTodayUsd },
  };
}
