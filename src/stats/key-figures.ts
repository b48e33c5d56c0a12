import type { RequestContext } from '../common/http/request-context.ts';
import type { Usage } from '../limits/limits.service.ts';

/** The policy and usage of the requesting key; nothing about other keys. */
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
  /** Null: unlimited; the usage of an unlimited minute is not counted. */
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
