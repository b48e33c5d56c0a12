import type { RequestContext } from '../common/http/request-context.ts';
import type { Bounds } from '../config/key-policy.ts';

/** The requests that share bounds. */
export interface Scope {
  /** The name of its counters. */
  readonly counter: string;
  /** Its name in messages. */
  readonly label: string;
  readonly bounds: Bounds;
}

/** The scopes of a request: its key, and the whole service. */
export function scopesOf({ tenant, policy }: Pick<RequestContext, 'tenant' | 'policy'>, service: Bounds): Scope[] {
  return [
    { counter: `key:${tenant}`, label: `key '${tenant}'`, bounds: policy },
    { counter: 'service', label: 'this service', bounds: service },
  ];
}
