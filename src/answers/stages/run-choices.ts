import { map, mergeMap, range, type Observable } from 'rxjs';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';
import type { ChoiceEvent } from '../../turns/answer-event.ts';

/** One request does not take more of the pool than this. */
const MAX_AT_ONCE = 4;

/**
 * Runs a turn once for each choice, a few at once. No choice holds a process while it waits for another one, so the pool
 * cannot lock up however small it is. The first failure ends all.
 *
 * @param maxProcesses what the pool can run at once at all
 * @param run the turn of a choice, cold
 */
export function runChoices(
  count: number,
  maxProcesses: number,
  run: (choice: number) => Observable<TurnEvent>,
): Observable<ChoiceEvent> {
  const choose = (choice: number): Observable<ChoiceEvent> => run(choice).pipe(map((event) => ({ choice, event })));
  if (count === 1) return choose(0);
  return range(0, count).pipe(mergeMap(choose, Math.min(MAX_AT_ONCE, maxProcesses)));
}
