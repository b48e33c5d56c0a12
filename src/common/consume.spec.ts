// Guarantee: an exception of who consumes an observable ends that one subscription, whenever it comes.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { concat, Observable, of, Subject, throwError } from 'rxjs';
import { consume } from './consume.ts';

/** What a consumer is told of a source; it throws at `throwsAt`. */
function told(source: Observable<string>, throwsAt?: string): { readonly events: string[]; end: () => void } {
  const events: string[] = [];
  const tell = (event: string): void => {
    events.push(event);
    if (event === throwsAt) throw new Error(`thrown at ${event}`);
  };
  const subscription = consume(source, {
    next: tell,
    complete: () => tell('complete'),
    error: (error) => events.push((error as Error).message),
  });
  return { events, end: () => subscription.unsubscribe() };
}

test('values, the end and a failure are told', () => {
  assert.deepEqual(told(of('a', 'b')).events, ['a', 'b', 'complete']);
  assert.deepEqual(told(concat(of('a'), throwError(() => new Error('failed')))).events, ['a', 'failed']); // prettier-ignore
});

test('an exception at a value cancels the source and is told as its failure', () => {
  const [source, other] = [new Subject<string>(), told(new Subject<string>())];
  const { events } = told(source, 'b');
  for (const value of ['a', 'b', 'c']) source.next(value);
  assert.deepEqual(events, ['a', 'b', 'thrown at b']);
  assert.equal(source.observed, false);
  assert.deepEqual(other.events, []);
});

test('an exception at the end is told as a failure', () => {
  assert.deepEqual(told(of('a'), 'complete').events, ['a', 'complete', 'thrown at complete']);
});

test('an exception of one does not reach who else consumes the same source', () => {
  const source = new Subject<string>();
  const [broken, fine] = [told(source, 'a'), told(source)];
  for (const value of ['a', 'b']) source.next(value);
  assert.deepEqual(broken.events, ['a', 'thrown at a']);
  assert.deepEqual(fine.events, ['a', 'b']);
  fine.end();
  assert.equal(source.observed, false);
});
