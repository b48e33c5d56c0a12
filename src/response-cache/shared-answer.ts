import { Observable, Subscription, type Subscriber } from 'rxjs';
import { consume } from '../common/consume.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { AnswerRecorder } from './answer-recorder.ts';

/** How a shared answer ended; `abandoned` if its last listener unsubscribed. */
export type SharedAnswerEnd = 'complete' | 'failed' | 'abandoned';

export interface SharedAnswerOptions {
  /** The answer, cold. */
  readonly source: Observable<AnswerEvent>;
  readonly recorder: AnswerRecorder;
  /** Marks an event as repeated, without cost. */
  readonly repeat: (event: AnswerEvent) => AnswerEvent;
  /** Called once, before the listeners get the error or the completion. */
  readonly onEnd: (end: SharedAnswerEnd) => void;
}

/**
 * One answer in progress for all requests that ask for it meanwhile. Starts with the first subscriber, runs while any
 * subscriber stays, and fails for all. A late subscriber gets the recorded events, then the further ones. The first
 * listener gets the cost, all others get repeated events.
 */
export class SharedAnswer {
  private readonly listeners = new Set<Subscriber<AnswerEvent>>();
  private readonly making = new Subscription();
  private hasBegun = false;
  private end: SharedAnswerEnd | undefined;

  constructor(private readonly options: SharedAnswerOptions) {}

  /** Whether a new subscriber gets the whole answer; one that was refused or cut off goes only to its present listeners. */
  get canBeJoined(): boolean {
    return this.options.recorder.isPresentable && this.end !== 'failed' && this.end !== 'abandoned';
  }

  get isComplete(): boolean {
    return this.end === 'complete';
  }

  readonly events = new Observable<AnswerEvent>((listener) => {
    for (const event of this.options.recorder.events) listener.next(this.options.repeat(event));
    if (this.end !== undefined) return listener.complete();
    this.listeners.add(listener);
    listener.add(() => this.leave(listener));
    if (!this.hasBegun) this.make();
  });

  private make(): void {
    this.hasBegun = true;
    const subscription = consume(this.options.source, {
      next: (event) => this.tell(event),
      error: (error: unknown) => this.close('failed', (listener) => listener.error(error)),
      complete: () => this.close('complete', (listener) => listener.complete()),
    });
    // Ends it at once if all listeners left during the start.
    this.making.add(subscription);
  }

  private tell(event: AnswerEvent): void {
    this.options.recorder.accept(event);
    for (const [position, listener] of [...this.listeners].entries()) {
      listener.next(position === 0 ? event : this.options.repeat(event));
    }
  }

  private close(end: SharedAnswerEnd, tell: (listener: Subscriber<AnswerEvent>) => void): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.options.onEnd(end);
    for (const listener of this.listeners) tell(listener);
  }

  private leave(listener: Subscriber<AnswerEvent>): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0 || this.end !== undefined) return;
    this.end = 'abandoned';
    this.options.onEnd('abandoned');
    this.making.unsubscribe();
  }
}
