/** Why a model or the account gets no requests for a while. */
export type BlockReason = 'rate-limit' | 'overloaded' | 'login' | 'not-logged-in';

export interface Block {
  readonly reason: BlockReason;
  /** Seconds after which a retry makes sense. */
  readonly retryAfterSeconds: number;
}

/** A sent request. Its outcome affects only blocks that existed when it was sent. */
export interface SentRequest {
  readonly model: string;
  readonly sentAt: number;
}

export interface Refusal {
  readonly reason: BlockReason;
  /** The wait that upstream asked for; undefined without one. */
  readonly seconds: number | undefined;
  /** Whether it applies to every model. */
  readonly isAccountWide: boolean;
}

interface Entry {
  reason: BlockReason;
  /** Consecutive refusals. */
  refusals: number;
  refusedAt: number;
  /** When upstream is expected to accept requests again. */
  until: number;
  /** When one request is let through as a trial. */
  triedAt: number;
  /** Until when the others wait for the outcome of the trial. */
  tryingUntil: number;
}

/** Without a wait from upstream: the first block, doubled with each further refusal up to the last. */
const FIRST_BLOCK_MS = 5_000;
const LAST_BLOCK_MS = 120_000;
/**
 * A trial request follows after this time at the latest, however long upstream asked to wait: limits are raised, logins
 * renewed.
 */
const LONGEST_BLIND_MS = 5 * 60_000;
/** How long others wait for the first sign of the trial request. */
const TRIAL_MS = 10_000;
/** Maximum models whose refusals are remembered. */
const MAX_MODELS = 200;
const ACCOUNT = '';
/** Refusals that end with their time; others last until a request succeeds. */
const PASSING: ReadonlySet<BlockReason> = new Set(['rate-limit', 'overloaded']);

/**
 * Remembers refusals of upstream, by model or for the whole account, and blocks further requests. A rate limit or an
 * overload ends with its time, for every request at once. For refused credentials and distant limits one trial request
 * decides for the others.
 */
export class UpstreamBlocks {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Why no request for a model may be sent now; undefined if one may. */
  find(model: string): Block | undefined {
    const now = this.now();
    for (const entry of this.about(model)) {
      if (now >= entry.until && PASSING.has(entry.reason)) continue;
      if (now >= entry.triedAt && now >= entry.tryingUntil) continue;
      return { reason: entry.reason, retryAfterSeconds: secondsUntil(entry, now) };
    }
    return undefined;
  }

  /** Records a sent request. While a block exists, it is the trial. */
  send(model: string): SentRequest {
    const sentAt = this.now();
    for (const entry of this.about(model)) entry.tryingUntil = sentAt + TRIAL_MS;
    return { model, sentAt };
  }

  /** Upstream accepted a request. Returns whether that has ended a block of the whole account. */
  accept({ model, sentAt }: SentRequest): boolean {
    const wasBlocked = this.entries.has(ACCOUNT);
    for (const key of [model, ACCOUNT]) {
      const entry = this.entries.get(key);
      // A request sent before the refusal proves nothing.
      if (entry && entry.refusedAt <= sentAt) this.entries.delete(key);
    }
    return wasBlocked && !this.entries.has(ACCOUNT);
  }

  /** The trial showed nothing: the next request may be the trial. */
  endTrial({ model, sentAt }: SentRequest): void {
    for (const entry of this.about(model)) if (entry.tryingUntil === sentAt + TRIAL_MS) entry.tryingUntil = 0;
  }

  /** Upstream refused a request. Returns the seconds after which a retry makes sense. */
  refuse({ model, sentAt }: SentRequest, { reason, seconds, isAccountWide }: Refusal): number {
    const now = this.now();
    const key = isAccountWide ? ACCOUNT : model;
    const before = this.entries.get(key);
    // Concurrent requests count as one refusal.
    const refusals = before ? before.refusals + (before.refusedAt <= sentAt ? 1 : 0) : 1;
    const doubled = Math.min(LAST_BLOCK_MS, FIRST_BLOCK_MS * 2 ** (refusals - 1));
    const until = now + (seconds === undefined ? doubled : seconds * 1000);
    const entry: Entry = {
      reason,
      refusals,
      refusedAt: now,
      until,
      triedAt: Math.min(until, now + LONGEST_BLIND_MS),
      tryingUntil: 0,
    };
    this.entries.set(key, entry);
    this.forgetOld();
    return secondsUntil(entry, now);
  }

  /** Removes the block of the account. */
  clearAccount(): void {
    this.entries.delete(ACCOUNT);
  }

  /** The block of the whole account, and the time since its last refusal. */
  get account(): { readonly reason: BlockReason; readonly agoMs: number } | undefined {
    const entry = this.entries.get(ACCOUNT);
    return entry && { reason: entry.reason, agoMs: this.now() - entry.refusedAt };
  }

  /** The models that are blocked now; `*` stands for all. */
  get blocked(): { readonly model: string; readonly reason: BlockReason; readonly retryAfterSeconds: number }[] {
    const now = this.now();
    return [...this.entries]
      .filter(([, { until }]) => until > now)
      .map(([model, entry]) => ({
        model: model === ACCOUNT ? '*' : model,
        reason: entry.reason,
        retryAfterSeconds: secondsUntil(entry, now),
      }));
  }

  private about(model: string): Entry[] {
    return [this.entries.get(ACCOUNT), this.entries.get(model)].filter((entry) => entry !== undefined);
  }

  /** Bounds the entries, since model names come from requests: forgets the blocks that end first. */
  private forgetOld(): void {
    const oldest = this.now() - LONGEST_BLIND_MS;
    const models = [...this.entries].filter(([key]) => key !== ACCOUNT).toSorted(([, left], [, right]) => left.until - right.until); // prettier-ignore
    const surplus = models.length - MAX_MODELS;
    for (const [index, [key, { until }]] of models.entries())
      if (until < oldest || index < surplus) this.entries.delete(key);
  }
}

function secondsUntil({ until }: Entry, now: number): number {
  return Math.max(1, Math.ceil(Math.round(until - now) / 1000));
}
