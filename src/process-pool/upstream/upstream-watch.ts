import { Injectable, Optional } from '@nestjs/common';
import { NotLoggedInError, UpstreamError } from '../../claude-cli/errors.ts';
import type { RateLimit } from '../../claude-cli/turn/rate-limit.ts';
import { Logger } from '../../common/logging/logger.ts';
import { CREDENTIALS_MISSING } from '../cli-check/credentials.ts';
import type { UpstreamGate } from '../pool/lease.ts';
import type { PoolProblem, UpstreamStatus } from '../pool-status.ts';
import { UpstreamBlocks, type Block, type Refusal, type SentRequest } from './upstream-blocks.ts';

const LOGIN_REFUSED: PoolProblem = {
  code: 'upstream_authentication_failed',
  message:
    'The model provider refuses the credentials of the Claude Code CLI. Renew them; a changed variable needs a new start of this service. It asks again by itself and goes on once they are taken.',
};
/** How long a refusal of the credentials counts as a problem; then the next request tests them, if no probe does. */
const LOGIN_DOUBT_MS = 5 * 60_000;
/** For this long after a success, a 403 for a model says nothing about the credentials. */
const LOGIN_TRUST_MS = 5 * 60_000;
/** An overloaded API gets requests again after this time, whatever wait it asked for. */
const LONGEST_OVERLOAD_SECONDS = 60;
/** Status codes of refusals that concern the request itself. */
const LOOKED_AT: ReadonlySet<number> = new Set([400, 404, 413]);

/**
 * Learns the state of upstream from the outcome of requests: remembers refused credentials, rate limits and overload, so
 * that the next requests fail at once.
 */
@Injectable()
export class UpstreamWatch {
  private readonly blocks = new UpstreamBlocks();
  private readonly limits = new Map<string, RateLimit>();
  /** Models that were refused with 403 since the last success. */
  private readonly forbidden = new Set<string>();
  private acceptedAt = Number.NEGATIVE_INFINITY;
  private onLoginRefused: () => void = () => undefined;

  constructor(
    private readonly logger: Logger,
    @Optional() private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param listener called each time upstream refuses the credentials */
  whenLoginRefused(listener: () => void): void {
    this.onLoginRefused = listener;
  }

  /** The problem that stops every request; undefined without one. */
  get problem(): PoolProblem | undefined {
    const account = this.blocks.account;
    if (!account || account.agoMs > LOGIN_DOUBT_MS) return undefined;
    if (account.reason === 'not-logged-in') return CREDENTIALS_MISSING;
    return account.reason === 'login' ? LOGIN_REFUSED : undefined;
  }

  get status(): UpstreamStatus {
    return {
      blocked: this.blocks.blocked.map(({ model, reason, retryAfterSeconds }) => ({
        model,
        reason,
        retry_after_seconds: retryAfterSeconds,
      })),
      rate_limits: [...this.limits.values()].map(({ type, status, resetsAtMs, utilization }) => ({
        type,
        status,
        resets_at: resetsAtMs === undefined ? null : new Date(resetsAtMs).toISOString(),
        utilization: utilization ?? null,
      })),
    };
  }

  noteRateLimit(limit: RateLimit): void {
    const before = this.limits.get(limit.type)?.status ?? 'allowed';
    this.limits.set(limit.type, limit);
    if (limit.status !== before) this.logger.warn({ rateLimit: limit }, 'the allowance of the account has changed');
  }

  /** The provider accepts the credentials. */
  acceptLogin(): void {
    this.acceptedAt = this.now();
    this.forbidden.clear();
    if (!this.problem) return;
    this.blocks.clearAccount();
    this.logger.info({}, 'the model provider takes the credentials again');
  }

  /** The gate of one request for a model. */
  gate(model: string): UpstreamGate {
    let sent: SentRequest | undefined;
    const refusal = (): Error | undefined => {
      const block = this.blocks.find(model);
      return block && toError(block);
    };
    return {
      refusal,
      enter: () => {
        const error = refusal();
        sent = error ? undefined : this.blocks.send(model);
        return error;
      },
      accepted: () => {
        if (sent) this.accept(sent);
      },
      failed: (error) => (sent ? this.fail(sent, error) : error),
    };
  }

  private accept(sent: SentRequest): void {
    const hadProblem = this.problem !== undefined;
    this.acceptedAt = this.now();
    this.forbidden.clear();
    this.blocks.accept(sent);
    if (hadProblem && !this.problem) this.logger.info({}, 'the model provider takes the credentials again');
  }

  /** Records a failure, and returns the error for the client. */
  private fail(sent: SentRequest, error: unknown): unknown {
    const refusal = this.toRefusal(sent, error);
    if (!refusal) {
      // Upstream has examined a request that is wrong in itself, so neither a limit nor the credentials refused it.
      if (error instanceof UpstreamError && LOOKED_AT.has(error.status ?? 0)) this.accept(sent);
      else this.blocks.endTrial(sent);
      return error;
    }
    const retryAfterSeconds = this.blocks.refuse(sent, refusal);
    const { reason, isAccountWide } = refusal;
    this.logger.warn({ model: isAccountWide ? '*' : sent.model, reason, retryAfterSeconds }, 'refused upstream');
    if (reason === 'login' || reason === 'not-logged-in') this.onLoginRefused();
    if (!(error instanceof UpstreamError)) return error;
    return new UpstreamError(error.status, error.detail, retryAfterSeconds, false, isAccountWide, error.source);
  }

  private toRefusal({ model }: SentRequest, error: unknown): Refusal | undefined {
    if (error instanceof NotLoggedInError) return { reason: 'not-logged-in', seconds: undefined, isAccountWide: true };
    if (!(error instanceof UpstreamError)) return undefined;
    const { status, retryAfterSeconds: seconds, isAccountWide } = error;
    switch (status) {
      case 401:
        return { reason: 'login', seconds: undefined, isAccountWide: true };
      case 403: {
        // One forbidden model may not belong to the key; two in a row without a success are the key.
        const isDoubtful = this.now() - this.acceptedAt >= LOGIN_TRUST_MS;
        if (isDoubtful) this.forbidden.add(model);
        const isLogin = isAccountWide || (isDoubtful && this.forbidden.size > 1);
        return isLogin ? { reason: 'login', seconds: undefined, isAccountWide: true } : undefined;
      }
      case 429:
        return { reason: 'rate-limit', seconds, isAccountWide };
      case 503:
      case 529:
        // Overload is the provider's and varies by request: remember it only for the time that was named.
        if (seconds === undefined) return undefined;
        return { reason: 'overloaded', seconds: Math.min(seconds, LONGEST_OVERLOAD_SECONDS), isAccountWide: false };
      default:
        return undefined;
    }
  }
}

function toError({ reason, retryAfterSeconds }: Block): Error {
  switch (reason) {
    case 'rate-limit':
      return new UpstreamError(429, 'the rate limit was exceeded a moment ago', retryAfterSeconds);
    case 'overloaded':
      return new UpstreamError(529, 'the API was overloaded a moment ago', retryAfterSeconds);
    case 'login':
      return new UpstreamError(401, 'the credentials were refused a moment ago', retryAfterSeconds, false, true);
    case 'not-logged-in':
      return new NotLoggedInError('the CLI was not logged in a moment ago');
  }
}
