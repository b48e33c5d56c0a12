import { JsonPrefix } from './json-prefix.ts';

/** The line with which models like to open a code block; the answer must not be longer until it is recognised. */
const FENCE = /^```[a-zA-Z0-9]*[ \t]*\r?\n/;
const MAX_FENCE_LENGTH = 24;

/**
 * Lets of an answer through what is JSON, as it comes: white space around it and a code fence around the whole are left
 * out, anything else that is not JSON is held back and makes the answer wrong.
 */
export class AnswerGate {
  private readonly prefix = new JsonPrefix();
  private state: 'before' | 'inside' | 'after' = 'before';
  private waiting = '';
  private json = '';
  private isFenced = false;

  /** @param requiresObject whether only an object may stand at the top */
  constructor(private readonly requiresObject: boolean) {}

  /** What was let through so far. */
  get passed(): string {
    return this.json;
  }

  /** What was held back after it. */
  get rest(): string {
    return this.waiting;
  }

  /** Whether what was let through is a whole JSON value, whatever follows it. */
  get hasEnded(): boolean {
    return this.prefix.isComplete;
  }

  /** Whether what was let through is a whole JSON value and nothing but its fence stands around it. */
  get isWhole(): boolean {
    return this.prefix.isComplete && (this.isFenced ? /^\s*(?:```\s*)?$/ : /^\s*$/).test(this.waiting);
  }

  /** Takes a piece of the answer; the part of it that may be shown now. */
  push(text: string): string {
    this.waiting += text;
    if (this.state === 'before') this.begin();
    return this.state === 'inside' ? this.read() : '';
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
