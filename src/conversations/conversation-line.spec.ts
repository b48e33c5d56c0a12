// Guarantee: the turns and other changes of a conversation run one after the other in their order, and clients that leave hold
// nobody up.
import assert from 'node:assert/strict';
import { describe, jest, test } from '@jest/globals';
import { NEVER, Subject, type Observable } from 'rxjs';
import { fakeTimers } from '../../test/support/fake-timers.ts';
import { ConversationLine } from './conversation-line.ts';
import type { ConversationSettings } from '../config/settings.ts';

const settings = { queueSize: 2, queueTimeoutSeconds: 5 } as ConversationSettings;

/** Enters a line; tells what has happened so far. */
function enter(line: ConversationLine, name: string, log: string[], work: Observable<string> = new Subject<string>(), id = 'a') {
  return line
    .run('alice', id, () => {
      log.push(`${name} runs`);
      return work;
    })
    .subscribe({
      error: (error: { code?: string }) => log.push(`${name} failed: ${error.code}`),
      complete: () => log.push(`${name} done`),
    });
} // prettier-ignore

test('one runs, the others wait in their order; each end starts the next', () => {
  const line = new ConversationLine(settings);
  const log: string[] = [];
  const works = ['1', '2', '3'].map((name) => {
    const work = new Subject<string>();
    enter(line, name, log, work);
    return work;
  });
  assert.deepEqual(log, ['1 runs']);
  works[0]?.complete();
  works[1]?.error({ code: 'broken' });
  works[2]?.complete();
  assert.deepEqual(log, ['1 runs', '1 done', '2 runs', '2 failed: broken', '3 runs', '3 done']);
  assert.equal(line.isBusy('alice', 'a'), false);
});

test('who leaves, running or waiting, makes room', () => {
  const line = new ConversationLine(settings);
  const log: string[] = [];
  const [first, second] = [enter(line, '1', log, NEVER), enter(line, '2', log, NEVER)];
  enter(line, '3', log, NEVER);
  second.unsubscribe();
  enter(line, '4', log, NEVER);
  first.unsubscribe();
  assert.deepEqual(log, ['1 runs', '3 runs']);
});

test('a full line refuses, of its own conversation only', () => {
  const line = new ConversationLine(settings);
  const log: string[] = [];
  for (const name of ['1', '2', '3', '4']) enter(line, name, log, NEVER);
  enter(line, 'other', log, NEVER, 'b');
  assert.deepEqual(log, ['1 runs', '4 failed: conversation_busy', 'other runs']);
});

test('who waits too long is told so', () => {
  fakeTimers(['setTimeout']);
  try {
    const line = new ConversationLine(settings);
    const log: string[] = [];
    const first = enter(line, '1', log, NEVER);
    enter(line, '2', log, NEVER);
    jest.advanceTimersByTime(5_000);
    assert.deepEqual(log, ['1 runs', '2 failed: conversation_timeout']);
    first.unsubscribe();
    assert.equal(line.isBusy('alice', 'a'), false);
  } finally {
    jest.useRealTimers();
  }
});

describe('a place', () => {
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  for (const isFailing of [false, true]) {
    test(`is kept for work that ${isFailing ? 'fails' : 'ends'} after its client has left`, async () => {
      const line = new ConversationLine(settings);
      const log: string[] = [];
      let finish: () => void = () => undefined;
      const work = new Promise<void>((resolve, reject) => {
        finish = isFailing ? () => reject(new Error('broken')) : resolve;
      });
      work.catch(() => undefined);
      const first = line
        .run('alice', 'a', (place) => {
          void place.keepFor(work).catch(() => undefined);
          return NEVER;
        })
        .subscribe();
      enter(line, '2', log, NEVER);
      first.unsubscribe();
      await settled();
      assert.deepEqual(log, []);
      finish();
      await settled();
      assert.deepEqual(log, ['2 runs']);
    });
  }
});

describe('a change', () => {
  const stays = new AbortController().signal;

  test('waits for the turns before it, and the turns after it wait for it', async () => {
    const line = new ConversationLine(settings);
    const log: string[] = [];
    const first = new Subject<string>();
    enter(line, '1', log, first);
    const change = line.change('alice', 'a', () => Promise.resolve(log.push('changed')), stays);
    enter(line, '2', log, NEVER);
    assert.deepEqual(log, ['1 runs']);
    first.complete();
    await change;
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(log, ['1 runs', '1 done', 'changed', '2 runs']);
  });

  test('is made at once where no turn is, however many there are', async () => {
    const line = new ConversationLine(settings);
    const made: number[] = [];
    const changes = Array.from({ length: 20 }, (_value, index) =>
      line.change('alice', 'a', () => Promise.resolve(made.push(index)), stays),
    );
    await Promise.all(changes);
    assert.deepEqual(made, [...Array(20).keys()]);
    assert.equal(line.isBusy('alice', 'a'), false);
  });

  test('counts in a full queue behind a turn', async () => {
    const line = new ConversationLine(settings);
    enter(line, '1', [], NEVER);
    const waiting = [0, 1].map(() => line.change('alice', 'a', () => Promise.resolve(), stays));
    for (const change of waiting) change.catch(() => undefined);
    await assert.rejects(
      line.change('alice', 'a', () => Promise.resolve(), stays),
      { code: 'conversation_busy' },
    );
  });

  test('is not made when its client leaves before its time, and fails as its work fails', async () => {
    const line = new ConversationLine(settings);
    const log: string[] = [];
    const first = new Subject<string>();
    enter(line, '1', log, first);
    const leaving = new AbortController();
    const left = line.change('alice', 'a', () => Promise.resolve(log.push('changed')), leaving.signal);
    const failing = line.change('alice', 'a', () => Promise.reject(new Error('broken')), stays);
    leaving.abort(new Error('left'));
    await assert.rejects(left, { message: 'left' });
    first.complete();
    await assert.rejects(failing, { message: 'broken' });
    await assert.rejects(
      line.change('alice', 'a', () => Promise.resolve(), leaving.signal),
      { message: 'left' },
    );
    assert.deepEqual(log, ['1 runs', '1 done']);
    assert.equal(line.isBusy('alice', 'a'), false);
  });
});
