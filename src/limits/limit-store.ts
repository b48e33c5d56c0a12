/** The count of a minute, and the time until the next minute begins. */
export interface MinuteCount {
  readonly used: number;
  readonly resetMs: number;
}

/** Keeps the counters of limits, in this process or shared between replicas. Each call is atomic. */
export abstract class LimitStore {
  /**
   * Adds to a counter; 0 only reads, a negative amount returns units. A minute begins with the first amount after the
   * previous minute has passed.
   */
  abstract addToMinute(counter: string, amount: number): Promise<MinuteCount>;

  /** Adds US dollars to a counter's day (`2026-11-26`); 0 only reads. Resolves with the sum. */
  abstract addToDay(counter: string, day: string, dollars: number): Promise<number>;

  /** Takes one of `places`; false if all are taken. */
  abstract enter(counter: string, places: number): Promise<boolean>;

  /** Returns a place. */
  abstract leave(counter: string): Promise<void>;
}
