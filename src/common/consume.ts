import { tap, type Observable, type Subscription } from 'rxjs';

export interface Consumer<Value> {
  readonly next: (value: Value) => void;
  readonly complete: () => void;
  /** Told of a failure of the source, and of an exception of `next` or `complete`. Must not throw. */
  readonly error: (error: unknown) => void;
}

/**
 * Subscribes with work that may throw. An exception ends this subscription, and cancels the source, as a failure of the
 * source does; RxJS would throw that of an observer again where nothing can catch it, which ends the service.
 */
export function consume<Value>(source: Observable<Value>, { next, complete, error }: Consumer<Value>): Subscription {
  return source.pipe(tap({ next, complete })).subscribe({ error });
}
