import { defer, filter, of, retry, tap, throwError, type Observable } from 'rxjs';
import { ClaudeCliError, CliGoneError } from '../claude-cli/errors.ts';
import type { TurnEvent } from '../claude-cli/turn.ts';

export interface ProcessRetryOptions {
  /** Whether a turn that a process had taken may be begun again. */
  readonly isRepeatable: boolean;
  readonly onRetry: (error: ClaudeCliError) => void;
}

/** How many processes that turn out to have ended a request may meet before it fails. */
const MAX_GONE_PROCESSES = 5;

/** Failures of a process, not of what is behind it. */
const PROCESS_FAILURES = new Set(['cli-crashed', 'cli-protocol', 'cli-timeout']);

/**
 * Begins a turn again on another process where its own has failed it: whenever it had ended before it took the turn, and
 * once after that, as long as nothing of the answer was handed out. What fails upstream is never tried again here.
 *
 * @param start the turn on some process, cold; told how many have failed before
 */
export function retryOnProcessFailure(
  start: (attempt: number) => Observable<TurnEvent>,
  { isRepeatable, onRetry }: ProcessRetryOptions,
): Observable<TurnEvent> {
  return defer(() => {
    let attempts = 0;
    let hasFailed = false;
    let hasStarted = false;
    let hasAnswered = false;
    const mayRetry = (error: unknown): error is ClaudeCliError => {
      if (error instanceof CliGoneError) return attempts <= MAX_GONE_PROCESSES;
      if (!(error instanceof ClaudeCliError) || !PROCESS_FAILURES.has(error.code)) return false;
      if (hasAnswered || hasFailed || !isRepeatable) return false;
      hasFailed = true;
      return true;
    };
    return defer(() => start(attempts++)).pipe(
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
