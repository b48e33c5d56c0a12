const DAY_MS = 86_400_000;

/** The day of UTC that a time, in milliseconds since 1970, lies in: `2026-11-26`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** How long the day of UTC still lasts. */
export function msToNextDay(time: number): number {
  return DAY_MS - (time % DAY_MS);
}
