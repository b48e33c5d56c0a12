import type { AnswerEvent } from '../turns/answer-event.ts';
import { deeplyFrozen } from '../common/deeply-frozen.ts';

/** An answer that is kept. Whoever is given it is given the same one: nothing of it can be changed. */
export interface StoredAnswer {
  readonly events: readonly AnswerEvent[];
  /** What it takes in memory, about. */
  readonly bytes: number;
}

/** What an event takes beside its texts, about. */
const EVENT_OVERHEAD_BYTES = 400;

/** A copy of an answer, of which nothing is shared with those who were told it. */
export function toStoredAnswer(events: readonly AnswerEvent[]): StoredAnswer {
  const json = JSON.stringify(events);
  const bytes = json.length * bytesPerCharacter(json) + events.length * EVENT_OVERHEAD_BYTES;
  return { events: deeplyFrozen(JSON.parse(json) as AnswerEvent[]), bytes };
}

/** V8 keeps a text in one byte a character where it can. */
function bytesPerCharacter(text: string): 1 | 2 {
  return /[^\0-\u00FF]/.test(text) ? 2 : 1;
}
