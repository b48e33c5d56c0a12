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
/** Where nothing can be asked for free and no request comes, the next one is to find out. */
const LOGIN_DOUBT_MS = 5 * 60_000;
/** So long after something was accepted, a model that is forbidden says nothing of the credentials. */
const LOGIN_TRUST_MS = 5 * 60_000;
/** An overloaded API is asked again after this time, whatever it said. */
const LONGEST_OVERLOAD_SECONDS = 60;
/** Status codes of refusals that are about the request itself. */
const LOOKED_AT: ReadonlySet<number> = new Set([400, 404, 413]);

/**
 * What upstream says of itself through the answers to requests: refusals of credentials, rate limits and overload are
 * remembered, so that the next requests are told at once instead of running into them.
 */
@Injectable()
export class UpstreamWatch {
  private readonly blocks = new UpstreamBlocks();
  private readonly limits = new Map<string, RateLimit>();
  /** Models that a key has no access to, as long as nothing else is known of the key. */
  private readonly forbidden = new Set<string>();
  private acceptedAt = Number.NEGATIVE_INFINITY;
  private onLoginRefused: () => void = () => undefined;

  constructor(
    private readonly logger: Logger,
    @Optional() private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param listener told each time that credentials were refused */
  whenLoginRefused(listener: () => void): void {
    this.onLoginRefused = listener;
  }

  /** What stands in the way of every request, if anything. */
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

  /** The credentials were shown to be taken. */
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

  /** Remembers a failure, and returns what the client is to be told of it. */
  private fail(sent: SentRequest, error: unknown): unknown {
    const refusal = this.toRefusal(sent, error);
    if (!refusal) {
      // A request that is wrong in itself was looked at, so neither the limit nor the credentials stood in its way.
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
        // One model may simply not be the key's; two in a row, and nothing that worked lately, is the key.
        const isDoubtful = this.now() - this.acceptedAt >= LOGIN_TRUST_MS;
        if (isDoubtful) this.forbidden.add(model);
        const isLogin = isAccountWide || (isDoubtful && this.forbidden.size > 1);
        return isLogin ? { reason: 'login', seconds: undefined, isAccountWide: true } : undefined;
      }
      case 429:
        return { reason: 'rate-limit', seconds, isAccountWide };
      case 503:
      case 529:
        // Overload is the provider's, and comes and goes by the request: it is remembered as far as a time was named.
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
