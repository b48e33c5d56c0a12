const DAY_MS = 86_400_000;

/** The UTC day of a time in milliseconds since 1970: `2026-11-26`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Milliseconds until the next UTC day. */
export function msToNextDay(time: number): number {
  return DAY_MS - (time % DAY_MS);
}
