import { z } from 'zod';
import { modelName, positive } from './value-schemas.ts';

const MAX_PER_MINUTE = 1_000_000_000_000;
const MAX_DOLLARS = 1_000_000_000;

/** What bounds a key, or the whole service. What is absent is not bounded. */
const bounds = {
  requests_per_minute: positive(MAX_PER_MINUTE).optional(),
  /** Prompt and completion together, as `usage.total_tokens` counts them. */
  tokens_per_minute: positive(MAX_PER_MINUTE).optional(),
  max_simultaneous: positive().optional(),
  /** US dollars in a day of UTC. */
  daily_cost_usd: z.number().positive().max(MAX_DOLLARS).optional(),
};

/** The section `limits`: ceilings for the whole service. */
export const limitsSchema = z.strictObject(bounds);

/** What a key may do, as it stands in the settings and in the keys file. */
export const keyPolicySchema = z.strictObject({
  /** Names of models, in any of their forms; absent: all. */
  models: z.array(modelName).min(1).optional(),
  ...bounds,
  /** Whether its requests may reach processes that have tools of their own (claude.tools, mcp). */
  agent: z.boolean().default(false),
  /** Whether it may see figures of the whole service. */
  admin: z.boolean().default(false),
});

export const keyNameSchema = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
  .refine((name) => name !== 'anonymous', 'is what requests without a key are called');

export const keySchema = z.strictObject({
  /** Names the tenant in logs and figures. */
  name: keyNameSchema,
  /** The SHA-256 of the key, in hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .toLowerCase(),
  ...keyPolicySchema.shape,
});

export type KeyEntry = z.output<typeof keySchema>;
export type KeyPolicyEntry = z.output<typeof keyPolicySchema>;

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

export function toKeyPolicy(entry: KeyPolicyEntry): KeyPolicy {
  return {
    models: entry.models,
    requestsPerMinute: entry.requests_per_minute,
    tokensPerMinute: entry.tokens_per_minute,
    maxSimultaneous: entry.max_simultaneous,
    dailyCostUsd: entry.daily_cost_usd,
    agent: entry.agent,
    admin: entry.admin,
  };
}
