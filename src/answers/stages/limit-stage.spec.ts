// Guarantee: an answer holds its place exactly as long as it runs and has processes, whatever its end, and none is lost or given back twice.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedTurn } from '../asked-turn.ts';
import { LimitStage, type AdmittedTurn } from './limit-stage.ts';
import type { LimitsService } from '../../limits/limits.service.ts';
import type { OpenTurns } from '../open-turns.ts';

const asked = { context: {} } as AskedTurn;
const event: AnswerEvent = { choice: 0, event: { type: 'text-delta', text: '7' } };

/** Counts places; `open` lets those in who wait. */
class Places {
  held = 0;
  given = 0;
  open: () => void = () => undefined;
  private readonly opened: Promise<void>;

  constructor(isOpen = true, private readonly refusal?: Error) {
    this.opened = isOpen ? Promise.resolve() : new Promise((resolve) => (this.open = resolve));
  }

  async enter(): Promise<() => void> {
    await this.opened;
    if (this.refusal) throw this.refusal;
    this.held += 1;
    this.given += 1;
    return () => (this.held -= 1);
  }

  get stage(): LimitStage {
    return new LimitStage(this as unknown as LimitsService);
  }
} // prettier-ignore

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const how of ['complete', 'error'] as const) {
  test(`an answer that ends with ${how} gives its place back`, async () => {
    const places = new Places();
    const source = new Subject<AnswerEvent>();
    const told: unknown[] = [];
    places.stage
      .around(asked, () => source)
      .subscribe({
        next: (value) => told.push(value),
        error: () => told.push('error'),
        complete: () => told.push('complete'),
      });
    await settled();
    assert.equal(places.held, 1);
    source.next(event);
    if (how === 'complete') source.complete();
    else source.error(new Error('failed'));
    assert.deepEqual([told, places.held], [[event, how], 0]);
  });
}

test('an answer that is left before a turn began gives its place back once, and at once', async () => {
  const places = new Places();
  const subscription = places.stage.around(asked, () => NEVER).subscribe();
  await settled();
  assert.equal(places.held, 1);
  subscription.unsubscribe();
  subscription.unsubscribe();
  assert.equal(places.held, 0);
});

test('a client that leaves before it was let in takes no place and starts nothing', async () => {
  const places = new Places(false);
  let started = 0;
  const source = new Observable<AnswerEvent>(() => void (started += 1));
  places.stage
    .around(asked, () => source)
    .subscribe()
    .unsubscribe();
  places.open();
  await settled();
  assert.deepEqual([places.given, places.held, started], [1, 0, 0]);
});

test('who is not let in starts nothing', async () => {
  const places = new Places(true, new Error('full'));
  const told: unknown[] = [];
  places.stage.around(asked, () => of(event)).subscribe({ next: (value) => told.push(value), error: (error: Error) => told.push(error.message) });
  await settled();
  assert.deepEqual([told, places.held], [['full'], 0]);
}); // prettier-ignore

test('it is cold: each subscription takes a place of its own', async () => {
  const places = new Places();
  const events = places.stage.around(asked, () => NEVER);
  await settled();
  assert.equal(places.given, 0);
  const both = [events.subscribe(), events.subscribe()];
  await settled();
  assert.equal(places.held, 2);
  for (const subscription of both) subscription.unsubscribe();
  assert.equal(places.held, 0);
});

test('an answer that fails as it is started gives its place back', async () => {
  const places = new Places();
  places.stage.around(asked, () => throwError(() => new Error('at once'))).subscribe({ error: () => undefined });
  await settled();
  assert.deepEqual([places.given, places.held], [1, 0]);
}); // prettier-ignore

for (const how of ['complete', 'error', 'unsubscribe'] as const) {
  test(`an answer that ends with ${how} keeps its place until the last of its turns is settled`, async () => {
    const places = new Places();
    const source = new Subject<AnswerEvent>();
    let turns: OpenTurns | undefined;
    const start = ({ openTurns }: AdmittedTurn): Observable<AnswerEvent> => {
      turns = openTurns;
      return source;
    };
    const subscription = places.stage.around(asked, start).subscribe({ error: () => undefined });
    await settled();
    for (const _turn of ['first', 'second', 'third']) turns?.begin();
    turns?.settle();
    if (how === 'unsubscribe') subscription.unsubscribe();
    else if (how === 'complete') source.complete();
    else source.error(new Error('failed'));
    assert.equal(places.held, 1);
    turns?.settle();
    assert.equal(places.held, 1);
    turns?.settle();
    assert.equal(places.held, 0);
  });
}

test('an answer all of whose turns are settled keeps its place while it goes on', async () => {
  const places = new Places();
  const source = new Subject<AnswerEvent>();
  const start = ({ openTurns: turns }: AdmittedTurn): Observable<AnswerEvent> => {
    turns.begin();
    turns.settle();
    return source;
  };
  places.stage.around(asked, start).subscribe();
  await settled();
  assert.equal(places.held, 1);
  source.complete();
  assert.equal(places.held, 0);
});

test('an answer that cannot be begun fails, and gives its place back', async () => {
  const places = new Places();
  const start = (): Observable<AnswerEvent> => {
    throw new Error('not begun');
  };
  const told: string[] = [];
  places.stage.around(asked, start).subscribe({ error: (error: Error) => told.push(error.message) });
  await settled();
  assert.deepEqual([told, places.held], [['not begun'], 0]);
});
