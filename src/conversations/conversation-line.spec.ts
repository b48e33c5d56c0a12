// Guarantee: the turns of a conversation run one after the other in their order, and those who leave hold nobody up.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { NEVER, Subject, type Observable } from 'rxjs';
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
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const line = new ConversationLine(settings);
    const log: string[] = [];
    const first = enter(line, '1', log, NEVER);
    enter(line, '2', log, NEVER);
    mock.timers.tick(5_000);
    assert.deepEqual(log, ['1 runs', '2 failed: conversation_timeout']);
    first.unsubscribe();
    assert.equal(line.isBusy('alice', 'a'), false);
  } finally {
    mock.timers.reset();
  }
});
