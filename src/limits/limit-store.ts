/** What was counted within a minute, and how long until that begins anew. */
export interface MinuteCount {
  readonly used: number;
  readonly resetMs: number;
}

/**
 * Where what counts against limits is kept, under the names of counters: in this process, or where replicas share it.
 * Each call is atomic.
 */
export abstract class LimitStore {
  /**
   * Adds to a counter; 0 only reads, a negative amount gives back. A minute begins with the first amount that is added
   * after the one before has passed.
   */
  abstract addToMinute(counter: string, amount: number): Promise<MinuteCount>;

  /** Adds US dollars to what a counter has for a day (`2026-11-26`); 0 only reads. Resolves with the sum. */
  abstract addToDay(counter: string, day: string, dollars: number): Promise<number>;

  /** Takes one of so many places; false when all are taken. */
  abstract enter(counter: string, places: number): Promise<boolean>;

  /** Gives a place back. */
  abstract leave(counter: string): Promise<void>;
}
