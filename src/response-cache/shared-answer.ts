import { Observable, Subscription, type Subscriber } from 'rxjs';
import { consume } from '../common/consume.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { AnswerRecorder } from './answer-recorder.ts';

/** How an answer that is shared ended; `abandoned` when the last who wanted it had left. */
export type SharedAnswerEnd = 'complete' | 'failed' | 'abandoned';

export interface SharedAnswerOptions {
  /** The answer, cold. */
  readonly source: Observable<AnswerEvent>;
  readonly recorder: AnswerRecorder;
  /** An event as it is told to those who have it for nothing. */
  readonly repeat: (event: AnswerEvent) => AnswerEvent;
  /** Told once, before those who listen are told of a failure or of the end. */
  readonly onEnd: (end: SharedAnswerEnd) => void;
}

/**
 * One answer that is made once for everybody who asks for it meanwhile. It begins with the first who subscribes, goes on
 * while anybody stays, and its failure reaches all. Who comes late is told what was said so far, then the rest as it comes.
 * The longest there is told what it cost, all others that they had it for nothing.
 */
export class SharedAnswer {
  private readonly listeners = new Set<Subscriber<AnswerEvent>>();
  private readonly making = new Subscription();
  private hasBegun = false;
  private end: SharedAnswerEnd | undefined;

  constructor(private readonly options: SharedAnswerOptions) {}

  /** Whether who subscribes now is told the whole answer; one that was refused or cut off is for those who are there. */
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
    // Ends it at once where everybody has left while it began.
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
