/** The limits of a key, or of the whole service. */
export interface Bounds {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly maxSimultaneous?: number | undefined;
  readonly dailyCostUsd?: number | undefined;
}

/** The rights and limits of a request, from its key. */
export interface KeyPolicy extends Bounds {
  readonly models?: readonly string[] | undefined;
  readonly agent: boolean;
  readonly admin: boolean;
}

/** The policy of requests without a key. src/config/check-tools.ts refuses settings that would be dangerous with it. */
export const OPEN_POLICY: KeyPolicy = { agent: true, admin: false };
