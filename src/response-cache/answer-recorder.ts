import type { FinishReason, TurnEvent } from '../claude-cli/turn/turn.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';

/** The first events are recorded as they came, so that a short answer is repeated in the same pieces. */
const FINE_EVENTS = 8;
/** After that, adjacent deltas are joined up to this many characters. */
const JOINED_CHARACTERS = 1024;
/** The approximate size of an event besides its text, in characters. */
const EVENT_OVERHEAD = 64;

/** Finish reasons of answers that may be repeated; an answer that was refused or cut off is not. */
const REPEATABLE: ReadonlySet<FinishReason> = new Set(['stop', 'tool-calls']);

/**
 * Records the events of an answer in few pieces, for requests that join it late or repeat it. Stops recording beyond its
 * maximum size.
 */
export class AnswerRecorder {
  private recorded: AnswerEvent[] = [];
  private characters = 0;
  private readonly begun = new Set<number>();
  private readonly ended = new Set<number>();
  private isSpoiled = false;
  private isGivenUp = false;

  constructor(private readonly maxCharacters: number) {}

  accept(event: AnswerEvent): void {
    this.begun.add(event.choice);
    if (event.event.type === 'finish') {
      this.ended.add(event.choice);
      if (!REPEATABLE.has(event.event.reason)) this.isSpoiled = true;
    }
    if (this.isGivenUp) return;
    const joined = this.join(event);
    if (joined) this.recorded[this.recorded.length - 1] = joined;
    else this.recorded.push(event);
    this.characters += sizeOf(event.event) + (joined ? 0 : EVENT_OVERHEAD);
    if (this.characters <= this.maxCharacters) return;
    this.isGivenUp = true;
    this.recorded = [];
  }

  /** Whether the record so far is complete, and the answer was not refused or cut off. */
  get isPresentable(): boolean {
    return !this.isGivenUp && !this.isSpoiled;
  }

  get events(): readonly AnswerEvent[] {
    return this.recorded;
  }

  /** Whether the record is a complete answer that may be repeated. */
  get isRepeatable(): boolean {
    return this.isPresentable && this.ended.size > 0 && this.ended.size === this.begun.size;
  }

  /** The last event joined with this one, if they fit together. */
  private join({ choice, event }: AnswerEvent): AnswerEvent | undefined {
    const last = this.recorded.at(-1);
    if (!last || last.choice !== choice || this.recorded.length < FINE_EVENTS) return undefined;
    const joined = joinDeltas(last.event, event);
    return joined && { choice, event: joined };
  }
}

function joinDeltas(last: TurnEvent, next: TurnEvent): TurnEvent | undefined {
  if (last.type === 'tool-call-delta') {
    const goesTogether = next.type === 'tool-call-delta' && next.index === last.index;
    return goesTogether && fits(last.json, next.json) ? { ...last, json: last.json + next.json } : undefined;
  }
  if (last.type !== 'text-delta' && last.type !== 'reasoning-delta') return undefined;
  return next.type === last.type && fits(last.text, next.text) ? { ...last, text: last.text + next.text } : undefined;
}

function fits(last: string, next: string): boolean {
  return last.length + next.length <= JOINED_CHARACTERS;
}

function sizeOf(event: TurnEvent): number {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return event.text.length;
    case 'tool-call-delta':
      return event.json.length;
    case 'finish':
      return JSON.stringify(event).length;
    case 'start':
    case 'block-start':
    case 'block-end':
    case 'tool-call-start':
      return 0;
  }
}
