import { concatMap, defer, filter, from, of, retry, tap, throwError, toArray, type Observable } from 'rxjs';
import { AnswerCutError, ClaudeCliError, CliGoneError } from '../../claude-cli/errors.ts';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';

export interface TurnRetryOptions {
  /** Whether a turn may be repeated after a process has accepted it. */
  readonly isRepeatable: boolean;
  /** Maximum repetitions of a turn whose answer broke off upstream. */
  readonly maxCutRetries: number;
  /** Whether the client receives the answer only once it is complete, so that it may be repeated until then. */
  readonly isWhole: boolean;
  readonly onRetry: (error: ClaudeCliError) => void;
}

/** Maximum processes already dead at their lease before the request fails. */
const MAX_GONE_PROCESSES = 5;

/** Failures of the process, not of the provider. */
const PROCESS_FAILURES = new Set(['cli-crashed', 'cli-protocol', 'cli-timeout']);

/**
 * Repeats a turn if that costs the client nothing: always if its process had ended before it accepted the turn, once if a
 * process failed, a few times if the answer broke off upstream. Repeats nothing once a part of the answer was emitted.
 * Passes on every other upstream failure.
 *
 * @param start runs the turn on some process, cold; `attempt` counts the failed attempts before it
 */
export function retryTurn(
  start: (attempt: number) => Observable<TurnEvent>,
  { isRepeatable, maxCutRetries, isWhole, onRetry }: TurnRetryOptions,
): Observable<TurnEvent> {
  return defer(() => {
    let attempts = 0;
    let cuts = 0;
    let hasProcessFailed = false;
    let hasStarted = false;
    let hasAnswered = false;
    const mayRetry = (error: unknown): error is ClaudeCliError => {
      if (error instanceof CliGoneError) return attempts <= MAX_GONE_PROCESSES;
      if (!(error instanceof ClaudeCliError) || hasAnswered || !isRepeatable) return false;
      if (error instanceof AnswerCutError) return cuts++ < maxCutRetries;
      if (!PROCESS_FAILURES.has(error.code) || hasProcessFailed) return false;
      hasProcessFailed = true;
      return true;
    };
    return defer(() => {
      const events = start(attempts++);
      return isWhole ? inOnePiece(events) : events;
    }).pipe(
      retry({
        delay: (error: unknown) => {
          if (!mayRetry(error)) return throwError(() => error);
          onRetry(error);
          return of(undefined);
        },
      }),
      // Emit `start` only once.
      filter((event) => event.type !== 'start' || !hasStarted),
      tap(({ type }) => {
        if (type === 'start') hasStarted = true;
        else hasAnswered = true;
      }),
    );
  });
}

/** Holds all events until the source completes. */
function inOnePiece(events: Observable<TurnEvent>): Observable<TurnEvent> {
  return events.pipe(
    toArray(),
    concatMap((all) => from(all)),
  );
}
