/** White space to Python, whose rules the Messages API applies to stop sequences, but not to JavaScript. */
const PYTHON_WHITE_SPACE = '\u001C\u001D\u001E\u001F\u0085';

/** Whether a stop sequence is white space only. The Messages API refuses these, so this service applies them. */
export function isBlankStop(sequence: string): boolean {
  return Array.from(sequence).every((character) => character.trim() === '' || PYTHON_WHITE_SPACE.includes(character));
}

/** Finds stop sequences in a text that arrives in pieces. Holds back the end of the text while it may begin a sequence. */
export class StopText {
  private held = '';
  private found: string | undefined;

  constructor(private readonly sequences: readonly string[]) {}

  /** The first sequence found; undefined before that. */
  get sequence(): string | undefined {
    return this.found;
  }

  /** Takes a piece. Returns the text to emit: nothing of a sequence, and nothing after one. */
  push(piece: string): string {
    if (this.found !== undefined || this.sequences.length === 0) return this.found === undefined ? piece : '';
    const text = this.held + piece;
    const match = firstMatch(text, this.sequences);
    this.found = match?.sequence;
    const shown = match ? match.start : text.length - openLength(text, this.sequences);
    this.held = match ? '' : text.slice(shown);
    return text.slice(0, shown);
  }

  /** Returns the text that was held back, at the end of the text. */
  flush(): string {
    const { held } = this;
    this.held = '';
    return held;
  }
}

interface Match {
  readonly start: number;
  readonly sequence: string;
}

/** The sequence that is complete first; the longest of those that end together. */
function firstMatch(text: string, sequences: readonly string[]): Match | undefined {
  let first: Match | undefined;
  for (const sequence of sequences) {
    const start = text.indexOf(sequence);
    if (start < 0) continue;
    const isEarlier = !first || endOf({ start, sequence }) < endOf(first);
    const isLonger = first && endOf({ start, sequence }) === endOf(first) && start < first.start;
    if (isEarlier || isLonger) first = { start, sequence };
  }
  return first;
}

function endOf({ start, sequence }: Match): number {
  return start + sequence.length;
}

/** The number of characters at the end of a text that begin a sequence. */
function openLength(text: string, sequences: readonly string[]): number {
  let length = Math.min(text.length, Math.max(...sequences.map((sequence) => sequence.length)) - 1);
  while (length > 0 && !sequences.some((sequence) => sequence.startsWith(text.slice(text.length - length))))
    length -= 1;
  return length;
}
