// Guarantee: an answer that is shared is made once, is whole for everybody who stays, and ends when nobody wants it any more.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { Observable, of, Subject, take, type Subscription } from 'rxjs';
import { finish } from '../../test/support/turn-events.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { TurnEvent } from '../claude-cli/turn/turn.ts';
import { AnswerRecorder } from './answer-recorder.ts';
import { SharedAnswer } from './shared-answer.ts';

const said = (event: TurnEvent): AnswerEvent => ({ choice: 0, event });
const piece = (text: string): AnswerEvent => said({ type: 'text-delta', text });
const last = said(finish('stop', { costUsd: 1 }));

interface Listener {
  readonly subscription: Subscription;
  text: string;
  /** What it was told of the cost. */
  costUsd?: number | undefined;
  end?: unknown;
}

class Scene {
  readonly turn = new Subject<AnswerEvent>();
  readonly ends: string[] = [];
  begun = 0;
  cancelled = 0;
  readonly shared: SharedAnswer;

  constructor(source?: Observable<AnswerEvent>, maxCharacters = 1_000_000) {
    const cold = new Observable<AnswerEvent>((subscriber) => {
      this.begun += 1;
      subscriber.add((source ?? this.turn).subscribe(subscriber));
      return () => (this.cancelled += 1);
    });
    this.shared = new SharedAnswer({
      source: cold,
      recorder: new AnswerRecorder(maxCharacters),
      repeat: (told) =>
        told.event.type === 'finish' ? { ...told, event: { ...told.event, costUsd: 0 }, isRepeated: true } : told,
      onEnd: (end) => this.ends.push(end),
    });
  }

  join(): Listener {
    const listener: Listener = { subscription: undefined as unknown as Subscription, text: '' };
    const subscription = this.shared.events.subscribe({
      next: ({ event }) => {
        if (event.type === 'text-delta') listener.text += event.text;
        if (event.type === 'finish') listener.costUsd = event.costUsd;
      },
      error: (error: unknown) => (listener.end = error),
      complete: () => (listener.end = 'complete'),
    });
    return Object.assign(listener, { subscription });
  }
}

test('nothing is made before somebody wants it', () => {
  assert.equal(new Scene().begun, 0);
});

test('who comes late is told what was said so far, then the rest as it comes', () => {
  const scene = new Scene();
  const first = scene.join();
  scene.turn.next(piece('one '));
  const second = scene.join();
  assert.equal(second.text, 'one ');
  scene.turn.next(piece('two '));
  const third = scene.join();
  scene.turn.next(piece('three'));
  scene.turn.next(last);
  scene.turn.complete();
  const afterwards = scene.join();
  for (const listener of [first, second, third, afterwards]) {
    assert.deepEqual([listener.text, listener.end], ['one two three', 'complete']);
  }
  assert.deepEqual([scene.begun, scene.ends], [1, ['complete']]);
});

test('the first bears the cost; when it has left, the one who is there longest', () => {
  const scene = new Scene();
  const listeners = [scene.join(), scene.join(), scene.join()];
  listeners[0]!.subscription.unsubscribe();
  scene.turn.next(last);
  scene.turn.complete();
  const late = scene.join();
  assert.deepEqual(
    [...listeners, late].map(({ costUsd }) => costUsd),
    [undefined, 1, 0, 0],
  );
});

test('a client that leaves does not end it for the others; the last one does', () => {
  const scene = new Scene();
  const [first, second] = [scene.join(), scene.join()];
  first.subscription.unsubscribe();
  scene.turn.next(piece('on'));
  assert.deepEqual([second.text, scene.cancelled, scene.shared.canBeJoined], ['on', 0, true]);
  second.subscription.unsubscribe();
  assert.deepEqual([scene.cancelled, scene.ends, scene.shared.canBeJoined], [1, ['abandoned'], false]);
});

test('a failure reaches all, once it cannot be joined any more', () => {
  const scene = new Scene();
  const listeners = [scene.join(), scene.join()];
  const error = new Error('broken');
  scene.turn.next(piece('half'));
  scene.turn.error(error);
  assert.deepEqual(
    listeners.map(({ end }) => end),
    [error, error],
  );
  assert.deepEqual([scene.ends, scene.shared.canBeJoined], [['failed'], false]);
});

test('an answer that comes at once is whole', () => {
  const scene = new Scene(of(piece('now'), last));
  const first = scene.join();
  assert.deepEqual([first.text, first.end, scene.ends], ['now', 'complete', ['complete']]);
  assert.equal(scene.join().text, 'now');
  assert.equal(scene.begun, 1);
});

test('who leaves at the first piece, while it begins, ends it', () => {
  const scene = new Scene(new Observable((subscriber) => subscriber.next(piece('now'))));
  scene.shared.events.pipe(take(1)).subscribe();
  assert.deepEqual([scene.cancelled, scene.ends], [1, ['abandoned']]);
});

test('who joins while a piece is told gets it once', () => {
  const scene = new Scene();
  let joined: Listener | undefined;
  scene.shared.events.subscribe(() => (joined ??= scene.join()));
  scene.turn.next(piece('once'));
  assert.equal(joined?.text, 'once');
});

test('an answer that is too large to be recorded goes on for those who are there, and cannot be joined', () => {
  const scene = new Scene(undefined, 10);
  const first = scene.join();
  scene.turn.next(piece('more than can be kept'));
  assert.equal(scene.shared.canBeJoined, false);
  scene.turn.next(last);
  scene.turn.complete();
  assert.deepEqual([first.text, first.end], ['more than can be kept', 'complete']);
});

test('an answer that cannot be recorded fails for all who share it, and its turn is cancelled', () => {
  const scene = new Scene();
  const listeners = [scene.join(), scene.join()];
  scene.turn.next(piece('one'));
  scene.turn.next({ choice: 0 } as AnswerEvent);
  for (const { text, end } of listeners) {
    assert.equal(text, 'one');
    assert.ok(end instanceof TypeError);
  }
  assert.deepEqual([scene.ends, scene.cancelled], [['failed'], 1]);
});
