import { concatMap, defer, filter, from, of, retry, tap, throwError, toArray, type Observable } from 'rxjs';
import { AnswerCutError, ClaudeCliError, CliGoneError } from '../../claude-cli/errors.ts';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';

export interface TurnRetryOptions {
  /** Whether a turn that a process had taken may be begun again. */
  readonly isRepeatable: boolean;
  /** How often a turn whose answer broke off upstream is begun again, at most. */
  readonly maxCutRetries: number;
  /** Whether the answer is handed out only when it is complete, so that it may be begun again until then. */
  readonly isWhole: boolean;
  readonly onRetry: (error: ClaudeCliError) => void;
}

/** How many processes that turn out to have ended a request may meet before it fails. */
const MAX_GONE_PROCESSES = 5;

/** Failures of a process, not of what is behind it. */
const PROCESS_FAILURES = new Set(['cli-crashed', 'cli-protocol', 'cli-timeout']);

/**
 * Begins a turn again where that costs the client nothing: whenever its process had ended before it took the turn, once
 * where a process failed it, and a few times where the answer broke off upstream. Nothing is begun again once a part of
 * the answer was handed out. Every other failure upstream passes through.
 *
 * @param start the turn on some process, cold; `attempt` counts those that have failed before
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
      // That the model has begun is told once.
      filter((event) => event.type !== 'start' || !hasStarted),
      tap(({ type }) => {
        if (type === 'start') hasStarted = true;
        else hasAnswered = true;
      }),
    );
  });
}

/** The same events, all of them at the end. */
function inOnePiece(events: Observable<TurnEvent>): Observable<TurnEvent> {
  return events.pipe(
    toArray(),
    concatMap((all) => from(all)),
  );
}
