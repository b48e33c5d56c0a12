import type { CredentialKind } from '../claude-cli/transport/child-environment.ts';

/** The state of the pool for health checks. */
export interface PoolStatus {
  /** `starting`: the checks before readiness run; `unavailable`: see `problem`. */
  readonly state: 'starting' | 'ready' | 'unavailable' | 'draining';
  readonly problem?: PoolProblem;
  readonly cliVersion?: string;
  readonly credentials: CredentialKind | 'none';
  readonly processes: ProcessCounts;
  readonly queued: number;
  readonly upstream?: UpstreamStatus;
}

/** The recent answers of the provider, in the field names of `GET /stats`. */
export interface UpstreamStatus {
  /** Models that get no requests for a while; `*` stands for every model. */
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

/** Why the pool cannot serve, and the remedy, in words for an operator. */
export interface PoolProblem {
  readonly code: string;
  readonly message: string;
}

export interface ProcessCounts {
  readonly starting: number;
  /** Idle, without a conversation. */
  readonly empty: number;
  /** Idle, holding a conversation that may continue. */
  readonly live: number;
  readonly busy: number;
  /** Ending, or rewinding between two turns. */
  readonly settling: number;
}
