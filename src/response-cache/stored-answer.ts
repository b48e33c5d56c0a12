import type { AnswerEvent } from '../turns/answer-event.ts';
import { deeplyFrozen } from '../common/deeply-frozen.ts';

/** A stored answer. It is immutable, because all requests get the same object. */
export interface StoredAnswer {
  readonly events: readonly AnswerEvent[];
  /** Its approximate size in memory. */
  readonly bytes: number;
}

/** The approximate size of an event besides its texts. */
const EVENT_OVERHEAD_BYTES = 400;

/** A copy of an answer that shares no objects with it. */
export function toStoredAnswer(events: readonly AnswerEvent[]): StoredAnswer {
  const json = JSON.stringify(events);
  const bytes = json.length * bytesPerCharacter(json) + events.length * EVENT_OVERHEAD_BYTES;
  return { events: deeplyFrozen(JSON.parse(json) as AnswerEvent[]), bytes };
}

/** V8 stores a Latin-1 text in one byte per character. */
function bytesPerCharacter(text: string): 1 | 2 {
  return /[^\0-\u00FF]/.test(text) ? 2 : 1;
}
