// Guarantee: every choice is run exactly once, few at a time, and all end together when one fails or the client leaves.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { lastValueFrom, NEVER, Observable, of, Subject, throwError, toArray } from 'rxjs';
import { finish } from '../../../test/support/turn-events.ts';
import type { ClaudeSettings } from '../../config/settings.ts';
import type { ProcessPoolService } from '../../process-pool/process-pool.service.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { ChoiceStage } from './choice-stage.ts';
import type { AdmittedTurn } from './limit-stage.ts';

let kept = 0;
const pool = {
  keepOpen: () => {
    kept += 1;
    return () => (kept -= 1);
  },
};

function runChoices(
  choices: number,
  maxConcurrentSessions: number,
  run: (choice: number) => Observable<AnswerEvent>,
): Observable<AnswerEvent> {
  const stage = new ChoiceStage(pool as unknown as ProcessPoolService, { maxConcurrentSessions } as ClaudeSettings);
  return stage.around({ choices } as AdmittedTurn, ({ choice }) => run(choice));
}

const end = (choice: number): AnswerEvent => ({ choice, event: finish() });

/** Counts the turns that run. */
function counted(turn: Observable<AnswerEvent>): { run: () => Observable<AnswerEvent>; running: () => number } {
  let running = 0;
  const run = (): Observable<AnswerEvent> =>
    new Observable((subscriber) => {
      running += 1;
      subscriber.add(() => (running -= 1));
      subscriber.add(turn.subscribe(subscriber));
    });
  return { run, running: () => running };
}

test('one choice is the turn itself', async () => {
  const events = await lastValueFrom(runChoices(1, 10, (choice) => of(end(choice))).pipe(toArray()));
  assert.deepEqual(events, [{ choice: 0, event: finish() }]);
});

test('twelve choices are run once each', async () => {
  const events = await lastValueFrom(runChoices(12, 10, (choice) => of(end(choice))).pipe(toArray()));
  assert.deepEqual(
    events.map(({ choice }) => choice),
    Array.from({ length: 12 }, (_value, choice) => choice),
  );
});

test('no more run at once than the pool can run, and never more than four', () => {
  for (const [maxProcesses, expected] of [
    [1, 1],
    [3, 3],
    [10, 4],
  ] as const) {
    const { run, running } = counted(NEVER);
    const subscription = runChoices(6, maxProcesses, run).subscribe();
    assert.equal(running(), expected);
    subscription.unsubscribe();
    assert.equal(running(), 0);
  }
});

test('the next choice begins when one is done', () => {
  const turns = Array.from({ length: 3 }, () => new Subject<AnswerEvent>());
  const begun: number[] = [];
  runChoices(3, 2, (choice) => {
    begun.push(choice);
    return turns[choice]!;
  }).subscribe();
  assert.deepEqual(begun, [0, 1]);
  turns[1]?.complete();
  assert.deepEqual(begun, [0, 1, 2]);
});

test('a failure of one choice ends the others', () => {
  const { run, running } = counted(NEVER);
  const failed: unknown[] = [];
  const failure = new Subject<AnswerEvent>();
  runChoices(4, 10, (choice) => (choice === 2 ? failure : run())).subscribe({ error: (error) => failed.push(error) });
  assert.equal(running(), 3);
  failure.error('broken');
  assert.deepEqual(failed, ['broken']);
  assert.equal(running(), 0);
});

test('a choice that is refused at once keeps the later ones from being asked for', () => {
  let asked = 0;
  const refused = (): Observable<AnswerEvent> => {
    asked += 1;
    return throwError(() => 'full');
  };
  runChoices(4, 10, refused).subscribe({ error: () => undefined });
  assert.equal(asked, 1);
});

test('the pool is kept open for as long as the answer is wanted', () => {
  const before = kept;
  const subscription = runChoices(2, 10, () => NEVER).subscribe();
  assert.equal(kept, before + 1);
  subscription.unsubscribe();
  assert.equal(kept, before);
});
