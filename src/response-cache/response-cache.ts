import { Cache, CACHE_MANAGER } from '@nestjs/cache-manager';
import { Inject, Injectable } from '@nestjs/common';
import { defer, from, Observable, switchMap, tap } from 'rxjs';
import type { AnswerEvent } from '../turns/answer-event.ts';
import { CacheSettings } from '../config/settings.ts';
import { AnswerRecorder } from './answer-recorder.ts';
import { BoundedStore } from './bounded-store.ts';
import type { CacheControl } from './cache-control.ts';
import { CacheFigures, type CacheFiguresSnapshot, type CacheStatus } from './cache-figures.ts';
import { freshCallIds } from './fresh-call-ids.ts';
import { SharedAnswer } from './shared-answer.ts';
import { toStoredAnswer, type StoredAnswer } from './stored-answer.ts';

/** The largest part of the cache that one answer may use; larger answers are neither stored nor shared. */
const LARGEST_PART = 1 / 8;

export interface CacheRequest {
  /** See `responseCacheKey`; undefined for a request that never uses the cache. */
  readonly key: string | undefined;
  /** Requests with different values share a stored answer, but not one in progress. */
  readonly manner?: string;
  readonly control: CacheControl;
  /** Called once, before the first event and before a model call. */
  readonly onStatus: (status: CacheStatus) => void;
}

/** A request in the cache. */
interface Wanted {
  readonly key: string;
  readonly sharedKey: string;
  readonly note: (status: CacheStatus) => void;
}

export interface CacheSnapshot extends CacheFiguresSnapshot {
  readonly enabled: boolean;
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
}

/**
 * Repeats stored answers to equal requests, and shares one answer between equal concurrent requests. Stores only answers
 * with a natural end.
 */
@Injectable()
export class ResponseCache {
  private readonly shared = new Map<string, SharedAnswer>();
  private readonly figures = new CacheFigures();
  private readonly maxCharacters: number;

  constructor(
    private readonly settings: CacheSettings,
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
    private readonly store: BoundedStore,
  ) {
    this.maxCharacters = settings.maxMegabytes * 1024 * 1024 * LARGEST_PART;
  }

  get isEnabled(): boolean {
    return this.settings.enabled;
  }

  /**
   * The answer, cold: from the cache, from a shared answer, or from `produce`, which is subscribed to only for a model
   * call. Errors pass through and are not stored.
   */
  answer(
    { key, manner = '', control, onStatus }: CacheRequest,
    produce: () => Observable<AnswerEvent>,
  ): Observable<AnswerEvent> {
    const note = (status: CacheStatus): void => {
      this.figures.countRequest(status);
      onStatus(status);
    };
    return defer(() => {
      if (key === undefined || !control.stores || !control.reads) {
        note('bypass');
        return key !== undefined && control.stores ? this.record(key, produce()) : produce();
      }
      const wanted: Wanted = { key, sharedKey: `${key} ${manner}`, note };
      return this.join(wanted) ?? this.lookUp(wanted, produce);
    });
  }

  snapshot(): CacheSnapshot {
    return {
      enabled: this.settings.enabled,
      ...this.figures.snapshot(),
      entries: this.store.count,
      bytes: this.store.bytes,
      evictions: this.store.evictionCount,
    };
  }

  private join({ sharedKey, note }: Wanted): Observable<AnswerEvent> | undefined {
    const shared = this.shared.get(sharedKey);
    if (!shared?.canBeJoined) return undefined;
    // A complete one is on its way to the store.
    note(shared.isComplete ? 'hit' : 'shared');
    return shared.events.pipe(freshCallIds());
  }

  private lookUp(wanted: Wanted, produce: () => Observable<AnswerEvent>): Observable<AnswerEvent> {
    return from(this.cache.get<StoredAnswer>(wanted.key)).pipe(
      switchMap((stored) => {
        if (stored !== undefined) {
          wanted.note('hit');
          return this.replay(stored);
        }
        // Another request may have begun one during the look-up.
        const joined = this.join(wanted);
        if (joined) return joined;
        wanted.note('miss');
        return this.produce(wanted, produce());
      }),
    );
  }

  private replay({ events }: StoredAnswer): Observable<AnswerEvent> {
    return from(events.map((event) => this.repeat(event))).pipe(freshCallIds());
  }

  private produce({ key, sharedKey }: Wanted, source: Observable<AnswerEvent>): Observable<AnswerEvent> {
    const recorder = new AnswerRecorder(this.maxCharacters);
    const shared = new SharedAnswer({
      source,
      recorder,
      repeat: (event) => this.repeat(event),
      onEnd: (end) => {
        const forget = (): void => {
          if (this.shared.get(sharedKey) === shared) this.shared.delete(sharedKey);
        };
        if (end !== 'complete' || !recorder.isRepeatable) return forget();
        this.keep(key, recorder).then(forget, forget);
      },
    });
    this.shared.set(sharedKey, shared);
    return shared.events;
  }

  /** Records an answer that is not shared. */
  private record(key: string, source: Observable<AnswerEvent>): Observable<AnswerEvent> {
    const recorder = new AnswerRecorder(this.maxCharacters);
    return source.pipe(
      tap({
        next: (event) => recorder.accept(event),
        complete: () => void this.keep(key, recorder).catch(() => undefined),
      }),
    );
  }

  private async keep(key: string, recorder: AnswerRecorder): Promise<void> {
    if (!recorder.isRepeatable) return;
    await this.cache.set(key, toStoredAnswer(recorder.events));
    this.figures.countStored();
  }

  private repeat(answerEvent: AnswerEvent): AnswerEvent {
    const { choice, event } = answerEvent;
    if (event.type !== 'finish') return answerEvent;
    this.figures.countSaved(event, event.costUsd ?? 0);
    return { choice, event: { ...event, costUsd: 0 }, isRepeated: true };
  }
}
