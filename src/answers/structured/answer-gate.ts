import { JsonPrefix } from './json-prefix.ts';

/** The opening line of a code block, which models often add; its length limits how much is held back. */
const FENCE = /^```[a-zA-Z0-9]*[ \t]*\r?\n/;
const MAX_FENCE_LENGTH = 24;

/**
 * Passes on the objects and lists of an answer as they arrive, without white space around the JSON and a code fence around
 * the whole. Holds back anything else, including strings, numbers and literals: prose can begin like one.
 */
export class AnswerGate {
  private readonly prefix = new JsonPrefix();
  private state: 'before' | 'inside' | 'after' = 'before';
  private waiting = '';
  private json = '';
  private isFenced = false;
  private isContainer = false;

  /** @param requiresObject whether the top-level value must be an object */
  constructor(private readonly requiresObject: boolean) {}

  /** The JSON so far. */
  get passed(): string {
    return this.json;
  }

  /** The text after the JSON. */
  get rest(): string {
    return this.waiting;
  }

  /** Whether the JSON is a whole object or list, regardless of the text after it. */
  get hasEnded(): boolean {
    return this.isContainer && this.prefix.isComplete;
  }

  /** Whether the JSON is a whole value with only its fence around it. */
  get isWhole(): boolean {
    return this.prefix.isComplete && (this.isFenced ? /^\s*(?:```\s*)?$/ : /^\s*$/).test(this.waiting);
  }

  /** Takes a piece of the answer; returns the part to emit now. */
  push(text: string): string {
    this.waiting += text;
    if (this.state === 'before') this.begin();
    const fresh = this.state === 'inside' ? this.read() : '';
    return this.isContainer ? fresh : '';
  }

  private begin(): void {
    this.waiting = this.waiting.trimStart();
    if (!this.isFenced && FENCE.test(this.waiting)) {
      this.isFenced = true;
      this.waiting = this.waiting.replace(FENCE, '').trimStart();
    }
    const isFenceOpen = !this.isFenced && this.waiting.startsWith('`') && this.waiting.length <= MAX_FENCE_LENGTH;
    if (this.waiting === '' || isFenceOpen) return;
    if (this.requiresObject && !this.waiting.startsWith('{')) this.state = 'after';
    else this.state = 'inside';
    this.isContainer = /^[{[]/.test(this.waiting);
  }

  private read(): string {
    const length = this.prefix.accept(this.waiting);
    const fresh = this.waiting.slice(0, length);
    this.json += fresh;
    this.waiting = this.waiting.slice(length);
    if (this.waiting !== '') this.state = 'after';
    return fresh;
  }
}
