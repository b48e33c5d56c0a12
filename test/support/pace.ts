import { setTimeout as delay } from 'node:timers/promises';
import { pseudoRandom } from './pseudo-random.ts';

/** A pause in milliseconds: at least the first number, at most the second. */
export type PauseRange = readonly [shortestMs: number, longestMs: number];

/** How the scripted Messages API spreads an answer over time. */
export interface Pace {
  readonly firstByteMs: PauseRange;
  /** Between any two events, the last ones included. */
  readonly betweenEventsMs: PauseRange;
  /** A ping goes out after the start of each message and before every n-th event. */
  readonly pingEveryEvents: number;
  /** Every n-th event arrives in two packets. */
  readonly splitEveryEvents: number;
}

/** The default: pauses like those of a real API, short enough for tests. */
export const PACED: Pace = {
  firstByteMs: [5, 25],
  betweenEventsMs: [1, 9],
  pingEveryEvents: 5,
  splitEveryEvents: 3,
};

/** The same pause everywhere. */
export function evenPace(milliseconds: number): Pace {
  return { ...PACED, firstByteMs: [milliseconds, milliseconds], betweenEventsMs: [milliseconds, milliseconds] };
}

/** Everything at once, as no real API answers. Whoever uses it says why. */
export const INSTANT = 'instant' as const;

/** Long answers come in bursts after this many events, as a real API sends them when its reader is slower. */
const EVENTS_BEFORE_BURSTS = 150;
const BURST = 25;

/** The pauses of one answer; they look random and are the same in every run. */
export class Pacer {
  private readonly pace: Pace | typeof INSTANT;
  private readonly random: () => number;
  private readonly signal: AbortSignal;
  private events = 0;

  /**
   * @param seed answers with the same seed have the same pauses
   * @param signal aborted when the API is closed; nothing pauses any more
   */
  constructor(pace: Pace | typeof INSTANT, seed: number, signal: AbortSignal) {
    this.pace = pace;
    this.signal = signal;
    this.random = pseudoRandom(seed + 1);
  }

  async beforeFirstByte(): Promise<void> {
    if (this.pace !== INSTANT) await this.pause(this.within(this.pace.firstByteMs));
  }

  /** What the next event is to be: whether a ping precedes it, and whether it comes in two packets. */
  async beforeEvent(): Promise<{ isPinged: boolean; isSplit: boolean }> {
    if (this.pace === INSTANT) return { isPinged: false, isSplit: false };
    const { betweenEventsMs, pingEveryEvents, splitEveryEvents } = this.pace;
    this.events += 1;
    if (this.events > EVENTS_BEFORE_BURSTS && this.events % BURST !== 0) return { isPinged: false, isSplit: false };
    if (this.events > 1) await this.pause(this.within(betweenEventsMs));
    return { isPinged: this.events % pingEveryEvents === 2, isSplit: this.events % splitEveryEvents === 0 };
  }

  /** Resolves after the time, or at once when the API is closed. */
  async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.signal }).catch(() => undefined);
  }

  private within([shortest, longest]: PauseRange): number {
    return shortest + this.random() * (longest - shortest);
  }
}
