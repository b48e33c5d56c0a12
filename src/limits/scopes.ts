import type { RequestContext } from '../common/http/request-context.ts';
import type { Bounds } from '../config/key-policy.ts';

/** Who counts together against the same bounds. */
export interface Scope {
  /** The name of its counters. */
  readonly counter: string;
  /** How it is called in a message. */
  readonly label: string;
  readonly bounds: Bounds;
}

/** What a request counts against: its key, and the whole service. */
export function scopesOf({ tenant, policy }: Pick<RequestContext, 'tenant' | 'policy'>, service: Bounds): Scope[] {
  return [
    { counter: `key:${tenant}`, label: `key '${tenant}'`, bounds: policy },
    { counter: 'service', label: 'this service', bounds: service },
  ];
}
