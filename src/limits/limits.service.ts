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

/** The usage of a turn. */
export interface Charge {
  readonly tokens: number;
  readonly costUsd: number;
}

/** The usage of a key. */
export interface Usage {
  readonly requestsThisMinute: number;
  readonly tokensThisMinute: number;
  readonly costTodayUsd: number;
}

/** Enforces the limits of each key and of the whole service. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly store: LimitStore,
    private readonly service: LimitsSettings,
    private readonly logger: Logger,
  ) {}

  /**
   * Counts a request and returns the remaining amounts of the tighter bounds, its key's or the service's. A refused request
   * is not counted.
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
   * Takes a place among the concurrent requests; the returned function gives it back. Rejects with a GatewayError if no
   * place is free, or if the minute's tokens or the day's money are spent.
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

  /** Counts the usage of a turn. Counts cost without a limit too, since one may be set during the day. */
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

  /** The usage of the client's key. */
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

  /** Counts without delaying the answer; logs errors of the store. */
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

/** The limit with the least left. */
function tightest(limits: readonly RateLimit[]): RateLimit | undefined {
  const left = ({ limit, used }: RateLimit): number => limit - used;
  return limits.toSorted((one, other) => left(one) - left(other))[0];
}
