import { CUSTOM_INPUT } from '../request/offered-tools.ts';

const START = new RegExp(String.raw`^\s*\{\s*"${CUSTOM_INPUT}"\s*:\s*"`);
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * The text of a custom tool's call out of the JSON in which the model gives it, as far as it has come. Arguments of another
 * shape are handed out at the end.
 */
export class TextArgument {
  private json = '';
  /** How much of the JSON was read; undefined until the text begins. */
  private position: number | undefined;
  private shown = '';
  private hasEnded = false;

  /** Takes a piece of the JSON; the text that it gives. */
  push(json: string): string {
    this.json += json;
    if (this.position === undefined) {
      const start = START.exec(this.json);
      if (!start) return '';
      this.position = start[0].length;
    }
    const text = this.read(this.position);
    this.shown += text;
    return text;
  }

  /** What was handed out. */
  get shownText(): string {
    return this.shown;
  }

  /** The whole text, of which what was handed out is the beginning. */
  end(): string {
    const whole = this.parsed();
    return whole.startsWith(this.shown) ? whole : this.shown;
  }

  /** Reads up to what is not complete: an escape, or the first half of a pair. */
  private read(start: number): string {
    let text = '';
    let position = start;
    while (!this.hasEnded && position < this.json.length) {
      const character = this.json[position]!;
      if (character === '"') {
        this.hasEnded = true;
        break;
      }
      if (character !== '\\') {
        text += character;
        position += 1;
        continue;
      }
      const letter = this.json[position + 1];
      const length = letter === 'u' ? 6 : 2;
      if (letter === undefined || position + length > this.json.length) break;
      const unit = letter === 'u' ? fromHex(this.json.slice(position + 2, position + 6)) : (ESCAPES[letter] ?? letter);
      const isFirstHalf = /[\uD800-\uDBFF]/.test(unit);
      // Both halves are handed out together.
      if (isFirstHalf && position + 12 > this.json.length && isPrefixOfEscape(this.json.slice(position + 6))) break;
      text += unit;
      position += length;
    }
    this.position = position;
    return text;
  }

  private parsed(): string {
    try {
      const value = JSON.parse(this.json) as unknown;
      if (typeof value === 'string') return value;
      const input = (value as { [CUSTOM_INPUT]?: unknown } | null)?.[CUSTOM_INPUT];
      return typeof input === 'string' ? input : this.json;
    } catch {
      // It was cut off.
      return this.position === undefined ? this.json : this.shown;
    }
  }
}

function fromHex(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** Whether what follows may still become the second half. */
function isPrefixOfEscape(rest: string): boolean {
  return String.raw`\u`.startsWith(rest.slice(0, 2));
}
