/** What was live after so many requests. */
export interface HeapSample {
  readonly requests: number;
  readonly bytes: number;
}

/** More that stays for each request is a leak. A service that loses nothing has shown up to 50: caches and tables still fill. */
export const LEAK_BYTES = 75;

/** As long as a service warms up, every kind of request leaves something once. */
const WARM_UP_SHARE = 0.4;

/**
 * How many bytes stay for each request once the service is warm: the median of the slopes between all pairs of samples
 * (Theil and Sen), which single samples that are off do not move.
 */
export function bytesPerRequest(samples: readonly HeapSample[]): number {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const slopes = warm
    .flatMap((from, index) =>
      warm.slice(index + 1).map((to) => (to.bytes - from.bytes) / (to.requests - from.requests)),
    )
    .toSorted((left, right) => left - right);
  const middle = slopes.length / 2;
  return ((slopes[Math.ceil(middle) - 1] ?? Number.NaN) + (slopes[Math.floor(middle)] ?? Number.NaN)) / 2;
}
