/** What bounds a key, or the whole service. */
export interface Bounds {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly maxSimultaneous?: number | undefined;
  readonly dailyCostUsd?: number | undefined;
}

/** What a request may do, by its key. */
export interface KeyPolicy extends Bounds {
  readonly models?: readonly string[] | undefined;
  readonly agent: boolean;
  readonly admin: boolean;
}

/** The policy of requests that need no key. What they must not do is not started without keys (src/config/check-tools.ts). */
export const OPEN_POLICY: KeyPolicy = { agent: true, admin: false };
