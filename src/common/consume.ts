import { tap, type Observable, type Subscription } from 'rxjs';

export interface Consumer<Value> {
  readonly next: (value: Value) => void;
  readonly complete: () => void;
  /** Called with an error of the source, and with an exception of `next` or `complete`. Must not throw. */
  readonly error: (error: unknown) => void;
}

/**
 * Subscribes with callbacks that may throw. An exception cancels the source and ends the subscription, like an error of the
 * source. RxJS would rethrow an observer's exception where nothing can catch it, which ends the service.
 */
export function consume<Value>(source: Observable<Value>, { next, complete, error }: Consumer<Value>): Subscription {
  return source.pipe(tap({ next, complete })).subscribe({ error });
}
