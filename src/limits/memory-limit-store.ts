import { join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Logger } from '../common/logging/logger.ts';
import { StorageSettings } from '../config/settings.ts';
import { DailySpending } from './daily-spending.ts';
import { LimitStore, type MinuteCount } from './limit-store.ts';

const MINUTE_SECONDS = 60;

/** Counts in this process. Stores the spending of the day on disk as well, since a day outlasts a restart. */
@Injectable()
export class MemoryLimitStore extends LimitStore implements OnApplicationShutdown {
  // Its points are unused: limits differ by key and change while it counts.
  private readonly minutes = new RateLimiterMemory({ points: 1, duration: MINUTE_SECONDS, keyPrefix: '' });
  private readonly places = new Map<string, number>();
  private readonly spending: DailySpending;

  constructor(storage: StorageSettings, logger: Logger) {
    super();
    this.spending = new DailySpending(join(storage.path, 'spending.json'), (error) =>
      logger.error({ error }, 'what the day has cost cannot be kept on disk; it is counted in memory'),
    );
  }

  onApplicationShutdown(): void {
    this.spending.close();
  }

  async addToMinute(counter: string, amount: number): Promise<MinuteCount> {
    const count = amount === 0 ? await this.minutes.get(counter) : await this.minutes.penalty(counter, amount);
    if (count === null || count.msBeforeNext <= 0) return { used: 0, resetMs: 0 };
    return { used: Math.max(0, count.consumedPoints), resetMs: count.msBeforeNext };
  }

  addToDay(counter: string, day: string, dollars: number): Promise<number> {
    return Promise.resolve(this.spending.add(counter, day, dollars));
  }

  enter(counter: string, places: number): Promise<boolean> {
    const taken = this.places.get(counter) ?? 0;
    if (taken >= places) return Promise.resolve(false);
    this.places.set(counter, taken + 1);
    return Promise.resolve(true);
  }

  leave(counter: string): Promise<void> {
    const taken = this.places.get(counter) ?? 0;
    if (taken > 1) this.places.set(counter, taken - 1);
    else this.places.delete(counter);
    return Promise.resolve();
  }
}
