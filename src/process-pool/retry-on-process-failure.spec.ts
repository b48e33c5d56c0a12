// Guarantee: a turn is begun again only where its process failed it and nothing was handed out, and never without end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, EMPTY, lastValueFrom, of, throwError, toArray, type Observable } from 'rxjs';
import {
  CliCrashedError,
  CliGoneError,
  CliProtocolError,
  TurnTimeoutError,
  UpstreamError,
} from '../claude-cli/errors.ts';
import type { TurnEvent } from '../claude-cli/turn.ts';
import { retryOnProcessFailure } from './retry-on-process-failure.ts';

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
): Promise<{ events: TurnEvent[]; retries: number }> {
  let retries = 0;
  const events$ = retryOnProcessFailure((attempt) => attempts[attempt] ?? EMPTY, {
    isRepeatable,
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
