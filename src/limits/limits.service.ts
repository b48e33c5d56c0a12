import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../common/http/request-context.ts';
import { Logger } from '../common/logging/logger.ts';
import { LimitsSettings } from '../config/settings.ts';
import { quotaExceeded, rateLimitReached, tooManyAtOnce } from './limit-errors.ts';
import { LimitStore } from './limit-store.ts';
import { dayOf, msToNextDay } from './day.ts';
import type { RateLimit, RateLimitState } from './rate-limit-headers.ts';
import { scopesOf, type Scope } from './scopes.ts';

type Client = Pick<RequestContext, 'tenant' | 'policy'>;

/** What a turn took. */
export interface Charge {
  readonly tokens: number;
  readonly costUsd: number;
}

/** What a key has used up. */
export interface Usage {
  readonly requestsThisMinute: number;
  readonly tokensThisMinute: number;
  readonly costTodayUsd: number;
}

/** Holds requests to what their key and the whole service are allowed. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly store: LimitStore,
    private readonly service: LimitsSettings,
    private readonly logger: Logger,
  ) {}

  /**
   * Counts a request and tells what is left, in whichever is tighter, its key's bounds or the service's. A request that is
   * refused is not counted.
   */
  async countRequest(client: Client): Promise<RateLimitState> {
    const counted: Scope[] = [];
    const limits: RateLimit[] = [];
    for (const scope of scopesOf(client, this.service)) {
      const limit = scope.bounds.requestsPerMinute;
      if (limit === undefined) continue;
      const { used, resetMs } = await this.store.addToMinute(requestsOf(scope), 1);
      counted.push(scope);
      limits.push({ limit, used, resetMs });
      if (used <= limit) continue;
      for (const one of counted) await this.store.addToMinute(requestsOf(one), -1);
      return {
        requests: { limit, used: used - 1, resetMs },
        tokens: await this.tokensLeft(client),
        refusal: rateLimitReached('requests', scope, limit, used - 1, resetMs),
      };
    }
    return { requests: tightest(limits), tokens: await this.tokensLeft(client) };
  }

  /**
   * Takes a place among the simultaneous requests, which the caller gives back by what this resolves with. Rejects with a
   * GatewayError when there is none, or when the minute's tokens or the day's money are spent.
   */
  async enter(client: Client): Promise<() => void> {
    const scopes = scopesOf(client, this.service);
    for (const scope of scopes) await this.refuseSpent(scope);
    const entered: Scope[] = [];
    const leave = (): void => {
      for (const scope of entered.splice(0)) this.inBackground(this.store.leave(simultaneousOf(scope)));
    };
    for (const scope of scopes) {
      const limit = scope.bounds.maxSimultaneous;
      if (limit === undefined) continue;
      if (await this.store.enter(simultaneousOf(scope), limit)) entered.push(scope);
      else {
        leave();
        throw tooManyAtOnce(scope, limit);
      }
    }
    return leave;
  }

  /** Counts what a turn took. The cost is counted without a ceiling too, since one may be set in the middle of a day. */
  charge(client: Client, { tokens, costUsd }: Charge): void {
    for (const scope of scopesOf(client, this.service)) {
      if (scope.bounds.tokensPerMinute !== undefined && tokens > 0) {
        this.inBackground(this.store.addToMinute(tokensOf(scope), tokens));
      }
      if (costUsd > 0) {
        this.inBackground(this.store.addToDay(scope.counter, dayOf(Date.now()), costUsd));
      }
    }
  }

  /** What the client's key has used up. */
  async usage(client: Client): Promise<Usage> {
    const [key] = scopesOf(client, this.service) as [Scope, Scope];
    return {
      requestsThisMinute: (await this.store.addToMinute(requestsOf(key), 0)).used,
      tokensThisMinute: (await this.store.addToMinute(tokensOf(key), 0)).used,
      costTodayUsd: await this.store.addToDay(key.counter, dayOf(Date.now()), 0),
    };
  }

  private async tokensLeft(client: Client): Promise<RateLimit | undefined> {
    const limits: RateLimit[] = [];
    for (const scope of scopesOf(client, this.service)) {
      const limit = scope.bounds.tokensPerMinute;
      if (limit !== undefined) limits.push({ limit, ...(await this.store.addToMinute(tokensOf(scope), 0)) });
    }
    return tightest(limits);
  }

  private async refuseSpent(scope: Scope): Promise<void> {
    const { tokensPerMinute, dailyCostUsd } = scope.bounds;
    if (tokensPerMinute !== undefined) {
      const { used, resetMs } = await this.store.addToMinute(tokensOf(scope), 0);
      if (used >= tokensPerMinute) throw rateLimitReached('tokens', scope, tokensPerMinute, used, resetMs);
    }
    if (dailyCostUsd !== undefined) {
      const now = Date.now();
      const spent = await this.store.addToDay(scope.counter, dayOf(now), 0);
      if (spent >= dailyCostUsd) throw quotaExceeded(scope, dailyCostUsd, msToNextDay(now));
    }
  }

  /** What is counted after the answer holds nobody up; a store that fails is told in the log. */
  private inBackground(counting: Promise<unknown>): void {
    counting.catch((error: unknown) => this.logger.error({ error }, 'what counts against limits could not be counted'));
  }
}

function requestsOf({ counter }: Scope): string {
  return `${counter}:requests`;
}

function tokensOf({ counter }: Scope): string {
  return `${counter}:tokens`;
}

function simultaneousOf({ counter }: Scope): string {
  return `${counter}:simultaneous`;
}

/** The one of which the least is left. */
function tightest(limits: readonly RateLimit[]): RateLimit | undefined {
  const left = ({ limit, used }: RateLimit): number => limit - used;
  return limits.toSorted((one, other) => left(one) - left(other))[0];
}
