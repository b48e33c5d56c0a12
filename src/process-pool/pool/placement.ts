import { sharedPrefixLength } from '../../claude-cli/session/message-digest.ts';
import type { Profile } from '../../claude-cli/transport/launch-options.ts';
import type { LeaseTier } from './lease.ts';

/** The properties of a request that decide which process may serve it. */
export interface PlacementRequest {
  readonly tenant: string;
  readonly profile: Profile;
  /** See `profileKey`. */
  readonly profileKey: string;
  /** Equal for equal system texts if the CLI fixes them for the life of a process; otherwise constant. */
  readonly systemKey: string;
  /** A conversation continues only in the same context. */
  readonly contextKey: string;
  /** The digests of the history, oldest first. */
  readonly digests: readonly string[];
}

/** The properties of an idle process that placement uses. */
export interface Candidate {
  readonly profileKey: string;
  /** Whether its model has tools of its own, so that it keeps effects beyond messages and serves one conversation only. */
  readonly hasOwnTools: boolean;
  /** Undefined until it is initialised: then it fits every system text. */
  readonly systemKey: string | undefined;
  /** The tenant of the conversation that it holds, or held last; undefined before its first. */
  readonly tenant: string | undefined;
  readonly contextKey: string;
  readonly held: readonly string[];
  readonly lastUsedAt: number;
}

export interface PlacementRules {
  /** Whether a process without tools of its own may serve another conversation after a rewind. */
  readonly canRecycle: boolean;
  /** Whether a process that has served one tenant may never serve another. */
  readonly isolateTenants: boolean;
}

export interface Placement<C extends Candidate> {
  readonly process: C;
  readonly tier: Exclude<LeaseTier, 'started'>;
  /** Held messages that the request continues. */
  readonly keep: number;
}

/**
 * The best idle process for a request: the one that holds the longest part of its history, else an empty one, else one
 * whose conversation can be rewound. A request continues only an equal prefix of the same tenant.
 */
export function place<C extends Candidate>(
  request: PlacementRequest,
  idle: readonly C[],
  rules: PlacementRules,
): Placement<C> | undefined {
  const fitting = idle.filter((process) => fits(process, request));
  const empty = findEmpty(request, fitting, rules);
  const live = findLive(request, fitting);
  if (live && (live.tier === 'live' || !empty || live.keep * 2 >= live.process.held.length)) return live;
  return empty ?? findRecyclable(request, fitting, rules);
}

function findLive<C extends Candidate>(request: PlacementRequest, fitting: readonly C[]): Placement<C> | undefined {
  let best: Placement<C> | undefined;
  for (const process of fitting) {
    if (process.tenant !== request.tenant || process.contextKey !== request.contextKey) continue;
    const shared = sharedPrefixLength(process.held, request.digests);
    // A rewind cuts before user messages only; these have even indices.
    const keep = shared - (shared % 2);
    if (keep === 0) continue;
    const tier = keep === process.held.length ? 'live' : 'rewound';
    if (!best || keep > best.keep || (keep === best.keep && tier === 'live' && best.tier !== 'live')) {
      best = { process, tier, keep };
    }
  }
  return best;
}

function findEmpty<C extends Candidate>(
  request: PlacementRequest,
  fitting: readonly C[],
  rules: PlacementRules,
): Placement<C> | undefined {
  const process = fitting
    .filter((candidate) => candidate.held.length === 0 && mayServe(candidate, request, rules))
    // An initialised one is ready sooner; the one used last has warm memory.
    .toSorted(
      (left, right) => Number(isInitialized(right)) - Number(isInitialized(left)) || right.lastUsedAt - left.lastUsedAt,
    )
    .at(0);
  return process && { process, tier: isInitialized(process) ? 'empty' : 'spare', keep: 0 };
}

function findRecyclable<C extends Candidate>(
  request: PlacementRequest,
  fitting: readonly C[],
  rules: PlacementRules,
): Placement<C> | undefined {
  const process = fitting
    .filter((candidate) => isRecyclable(candidate, rules) && mayServe(candidate, request, rules))
    .toSorted((left, right) => left.lastUsedAt - right.lastUsedAt)
    .at(0);
  return process && { process, tier: 'emptied', keep: 0 };
}

function mayServe(candidate: Candidate, request: PlacementRequest, rules: PlacementRules): boolean {
  if (candidate.tenant === undefined) return true;
  if (!isRecyclable(candidate, rules)) return false;
  return !rules.isolateTenants || candidate.tenant === request.tenant;
}

/** Whether a process may serve another conversation after its own. */
export function isRecyclable({ hasOwnTools }: Pick<Candidate, 'hasOwnTools'>, { canRecycle }: PlacementRules): boolean {
  return canRecycle && !hasOwnTools;
}

/** Whether a process can serve a request at all, whatever it holds. */
export function fits(process: Candidate, request: Pick<PlacementRequest, 'profileKey' | 'systemKey'>): boolean {
  if (process.profileKey !== request.profileKey) return false;
  return process.systemKey === undefined || process.systemKey === request.systemKey;
}

function isInitialized(process: Candidate): boolean {
  return process.systemKey !== undefined;
}
