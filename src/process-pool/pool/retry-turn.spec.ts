// Guarantee: a turn is begun again only where nothing of its answer was handed out, and never without end.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { concat, EMPTY, lastValueFrom, of, throwError, toArray, type Observable } from 'rxjs';
import {
  AnswerCutError,
  CliCrashedError,
  CliGoneError,
  CliProtocolError,
  TurnTimeoutError,
  UpstreamError,
} from '../../claude-cli/errors.ts';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';
import { retryTurn } from './retry-turn.ts';

const start: TurnEvent = { type: 'start', model: 'm' };
const word: TurnEvent = { type: 'text-delta', text: 'word' };
const crash = new CliCrashedError(1, null, '');
const fails = (error: Error, ...before: TurnEvent[]): Observable<TurnEvent> =>
  concat(
    of(...before),
    throwError(() => error),
  );

async function run(
  attempts: Observable<TurnEvent>[],
  isRepeatable = true,
  isWhole = false,
): Promise<{ events: TurnEvent[]; retries: number }> {
  let retries = 0;
  const events$ = retryTurn((attempt) => attempts[attempt] ?? EMPTY, {
    isRepeatable,
    isWhole,
    maxCutRetries: 2,
    onRetry: () => (retries += 1),
  });
  return { events: await lastValueFrom(events$.pipe(toArray())), retries };
}

test('a crash before the first piece is made good by another process, and the start is told once', async () => {
  const { events, retries } = await run([fails(crash, start), of(start, word)]);
  assert.deepEqual(events, [start, word]);
  assert.equal(retries, 1);
});

test('one process that fails is made good, not two', async () => {
  await assert.rejects(run([fails(crash), fails(new CliProtocolError('x')), of(word)]), { code: 'cli-protocol' });
});

test('processes that had ended before the turn do not count, up to five', async () => {
  const gone = new CliGoneError();
  assert.equal((await run([fails(gone), fails(gone), fails(crash), fails(gone), of(word)])).retries, 4);
  await assert.rejects(run(Array.from({ length: 6 }, () => fails(gone))), { code: 'cli-gone' });
});

for (const [what, first, isRepeatable] of [
  ['after the first piece', fails(crash, start, word), true],
  ['with tools of its own', fails(crash), false],
  ['upstream', fails(new UpstreamError(500, 'x')), true],
  ['in time', fails(new TurnTimeoutError(5)), true],
] as const) {
  test(`a failure ${what} is not tried again`, async () => {
    await assert.rejects(run([first, of(word)], isRepeatable));
  });
}

test('an answer that broke off is begun again twice, as long as nothing was handed out', async () => {
  const cut = new AnswerCutError();
  const { events, retries } = await run([fails(cut, start), fails(cut, start), of(start, word)]);
  assert.deepEqual(events, [start, word]);
  assert.equal(retries, 2);
  await assert.rejects(run([fails(cut), fails(cut), fails(cut), of(word)]), cut);
  await assert.rejects(run([fails(cut, start, word), of(word)]), cut);
});

test('an answer that is wanted in one piece is begun again wherever it fails, and nothing of the first try is left', async () => {
  const cut = new AnswerCutError();
  const other: TurnEvent = { type: 'text-delta', text: 'other' };
  const { events } = await run([fails(cut, start, other), fails(crash, start, other), of(start, word)], true, true);
  assert.deepEqual(events, [start, word]);
  await assert.rejects(run([fails(cut, start, other), of(word)], false, true), cut);
});
