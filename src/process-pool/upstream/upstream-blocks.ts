/** What upstream has refused, and so is not asked again for a while. */
export type BlockReason = 'rate-limit' | 'overloaded' | 'login' | 'not-logged-in';

export interface Block {
  readonly reason: BlockReason;
  /** Seconds until another request makes sense. */
  readonly retryAfterSeconds: number;
}

/** A request that was sent; what is learned of it counts only for what was known when it was. */
export interface SentRequest {
  readonly model: string;
  readonly sentAt: number;
}

export interface Refusal {
  readonly reason: BlockReason;
  /** What upstream asked for; undefined when it named no time. */
  readonly seconds: number | undefined;
  /** Whether it concerns every model. */
  readonly isAccountWide: boolean;
}

interface Entry {
  reason: BlockReason;
  /** Refusals one after the other. */
  refusals: number;
  refusedAt: number;
  /** When upstream will take requests again, as far as is known. */
  until: number;
  /** When a request is let through to find out. */
  triedAt: number;
  /** Until when the request that was let through is waited for. */
  tryingUntil: number;
}

/** Without a time from upstream: the first block, doubled with each further refusal up to the last. */
const FIRST_BLOCK_MS = 5_000;
const LAST_BLOCK_MS = 120_000;
/** However long upstream asks to wait, a request is let through after this time: limits are raised, logins renewed. */
const LONGEST_BLIND_MS = 5 * 60_000;
/** How long others wait for the first sign of the request that was let through. */
const TRIAL_MS = 10_000;
/** Models whose refusals are remembered, at most. */
const MAX_MODELS = 200;
const ACCOUNT = '';
/** Refusals that are over when their time has passed; others last until a request shows that they are. */
const PASSING: ReadonlySet<BlockReason> = new Set(['rate-limit', 'overloaded']);

/**
 * Remembers what upstream refuses, by model or for the whole account. While something is blocked no request is sent. A
 * rate limit or an overload ends with its time, for every request at once. Refused credentials, and a limit whose time is
 * far away, are tried by one request, whose outcome decides for the others.
 */
export class UpstreamBlocks {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Why no request for a model may be sent now; undefined when one may. */
  find(model: string): Block | undefined {
    const now = this.now();
    for (const entry of this.about(model)) {
      if (now >= entry.until && PASSING.has(entry.reason)) continue;
      if (now >= entry.triedAt && now >= entry.tryingUntil) continue;
      return { reason: entry.reason, retryAfterSeconds: secondsUntil(entry, now) };
    }
    return undefined;
  }

  /** A request is sent: where something is still blocked it is the one that finds out. */
  send(model: string): SentRequest {
    const sentAt = this.now();
    for (const entry of this.about(model)) entry.tryingUntil = sentAt + TRIAL_MS;
    return { model, sentAt };
  }

  /** Upstream took a request. Says whether that has ended a block of the whole account. */
  accept({ model, sentAt }: SentRequest): boolean {
    const wasBlocked = this.entries.has(ACCOUNT);
    for (const key of [model, ACCOUNT]) {
      const entry = this.entries.get(key);
      // One that was sent before the refusal proves nothing.
      if (entry && entry.refusedAt <= sentAt) this.entries.delete(key);
    }
    return wasBlocked && !this.entries.has(ACCOUNT);
  }

  /** Nothing was learned from the request that was let through: the next one may find out. */
  endTrial({ model, sentAt }: SentRequest): void {
    for (const entry of this.about(model)) if (entry.tryingUntil === sentAt + TRIAL_MS) entry.tryingUntil = 0;
  }

  /** Upstream refused a request. Returns the seconds until another makes sense. */
  refuse({ model, sentAt }: SentRequest, { reason, seconds, isAccountWide }: Refusal): number {
    const now = this.now();
    const key = isAccountWide ? ACCOUNT : model;
    const before = this.entries.get(key);
    // Requests that were under way together are one refusal.
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

  /** Lets everything through again. */
  clearAccount(): void {
    this.entries.delete(ACCOUNT);
  }

  /** What stands against the whole account, and since how long it was last refused. */
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

  /** Names of models come from requests, so their number is bounded: the blocks that end first are forgotten. */
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
