import { JsonPrefix } from './json-prefix.ts';

/** The line with which models like to open a code block; the answer must not be longer until it is recognised. */
const FENCE = /^```[a-zA-Z0-9]*[ \t]*\r?\n/;
const MAX_FENCE_LENGTH = 24;

/**
 * Lets the objects and lists of an answer through as they come: white space around the JSON and a code fence around the
 * whole are left out. Anything else is held back, a text, number or word too: prose can begin like one.
 */
export class AnswerGate {
  private readonly prefix = new JsonPrefix();
  private state: 'before' | 'inside' | 'after' = 'before';
  private waiting = '';
  private json = '';
  private isFenced = false;
  private isContainer = false;

  /** @param requiresObject whether only an object may stand at the top */
  constructor(private readonly requiresObject: boolean) {}

  /** What is JSON so far. */
  get passed(): string {
    return this.json;
  }

  /** What follows it. */
  get rest(): string {
    return this.waiting;
  }

  /** Whether what is JSON is a whole object or list, whatever follows it. */
  get hasEnded(): boolean {
    return this.isContainer && this.prefix.isComplete;
  }

  /** Whether what is JSON is a whole value and nothing but its fence stands around it. */
  get isWhole(): boolean {
    return this.prefix.isComplete && (this.isFenced ? /^\s*(?:```\s*)?$/ : /^\s*$/).test(this.waiting);
  }

  /** Takes a piece of the answer; the part of it that may be shown now. */
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
