import { IsISO8601, Matches, NotEquals } from 'class-validator';
import type { KeyPolicy } from './key-policy.ts';
import { CanBeAbsent, IsDollars, IsFlag, IsListOfModels, IsWhole } from './validators.ts';

const MAX_PER_MINUTE = 1_000_000_000_000;
const MAX_DOLLARS = 1_000_000_000;
const TIME = { message: 'must be a time as in 2026-11-26T08:00:00.000Z' };

/** Requests or tokens per minute. */
export function IsPerMinute(): PropertyDecorator {
  return IsWhole(1, MAX_PER_MINUTE);
}

/** US dollars per UTC day. */
export function IsDailyCost(): PropertyDecorator {
  return IsDollars(MAX_DOLLARS);
}

/** Keys in the settings and in the keys file. An absent bound does not apply. */

/** The rights and bounds of a key. */
export class KeyPolicyEntry {
  /** Model names, in any of their forms; absent: all. */
  @CanBeAbsent() @IsListOfModels() readonly models?: readonly string[];
  @CanBeAbsent() @IsPerMinute() readonly requests_per_minute?: number;
  /** Prompt and completion tokens together, as in `usage.total_tokens`. */
  @CanBeAbsent() @IsPerMinute() readonly tokens_per_minute?: number;
  @CanBeAbsent() @IsWhole(1) readonly max_simultaneous?: number;
  @CanBeAbsent() @IsDailyCost() readonly daily_cost_usd?: number;
  /** Whether its requests may use processes with tools of their own (claude.tools, mcp). */
  @IsFlag() readonly agent: boolean = false;
  /** Whether it may read figures of the whole service. */
  @IsFlag() readonly admin: boolean = false;
}

/** A key of the settings. */
export class KeyEntry extends KeyPolicyEntry {
  /** The tenant's name in logs and figures. */
  @NotEquals('anonymous', { message: 'is what requests without a key are called' })
  @Matches(/^[\w.-]{1,64}$/, { message: 'must be 1 to 64 letters, digits, dots, hyphens or underscores' })
  readonly name!: string;

  /** The SHA-256 of the key, in hex. */
  @Matches(/^[0-9a-f]{64}$/i, { message: 'must be 64 hexadecimal digits' })
  readonly sha256!: string;
}

/** A key of the keys file: its digest, never the key itself. */
export class StoredKey extends KeyEntry {
  @IsISO8601({ strict: true, strictSeparator: true }, TIME)
  @Matches(/T.*Z$/, TIME)
  readonly created_at!: string;
}

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
