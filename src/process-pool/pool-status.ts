import type { CredentialKind } from '../claude-cli/transport/child-environment.ts';

/** What the pool says of itself to health checks. */
export interface PoolStatus {
  /** `starting`: the checks before readiness are running; `unavailable`: see `problem`. */
  readonly state: 'starting' | 'ready' | 'unavailable' | 'draining';
  readonly problem?: PoolProblem;
  readonly cliVersion?: string;
  readonly credentials: CredentialKind | 'none';
  readonly processes: ProcessCounts;
  readonly queued: number;
  readonly upstream?: UpstreamStatus;
}

/** What the provider has said lately, in the words of the figures. */
export interface UpstreamStatus {
  /** What is not asked of it for a while; `*` stands for every model. */
  readonly blocked: readonly {
    readonly model: string;
    readonly reason: string;
    readonly retry_after_seconds: number;
  }[];
  /** The allowances of a subscription. */
  readonly rate_limits: readonly {
    readonly type: string;
    readonly status: string;
    readonly resets_at: string | null;
    readonly utilization: number | null;
  }[];
}

/** What stands in the way of serving, and how to mend it, in words for an operator. */
export interface PoolProblem {
  readonly code: string;
  readonly message: string;
}

export interface ProcessCounts {
  readonly starting: number;
  /** Ready, without a conversation. */
  readonly empty: number;
  /** Ready, holding a conversation that may continue. */
  readonly live: number;
  readonly busy: number;
  /** Ending, or being taken back between two turns. */
  readonly settling: number;
}
