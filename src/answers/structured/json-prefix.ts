type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';
type NumberPart = 'sign' | 'zero' | 'integer' | 'point' | 'fraction' | 'exponent' | 'exponent-sign' | 'power';

const WHITE_SPACE = new Set([' ', '\n', '\r', '\t']);
const ESCAPES = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't']);
const LITERALS: Readonly<Record<string, string>> = { t: 'rue', f: 'alse', n: 'ull' };
/** Where a number may end. */
const WHOLE_NUMBERS = new Set<NumberPart>(['zero', 'integer', 'fraction', 'power']);
/** Deeper than useful answers, and far below the depth at which `JSON.parse` and its users overflow the stack. */
const MAX_DEPTH = 1000;

/**
 * Parses JSON in pieces, as RFC 8259 defines it, and detects at each character whether the text can still become one JSON
 * value.
 */
export class JsonPrefix {
  private readonly open: ('{' | '[')[] = [];
  private expected: Expected = 'value';
  private isInString = false;
  private escape: 'none' | 'begun' | number = 'none';
  private literal = '';
  private number: NumberPart | undefined;

  /** Whether a whole value was read. A top-level number may still continue. */
  get isComplete(): boolean {
    if (this.number) return this.open.length === 0 && WHOLE_NUMBERS.has(this.number);
    return this.expected === 'nothing' && this.literal === '' && !this.isInString;
  }

  /** Reads to the end of the value, and returns the number of characters. Does not read the first character after it. */
  accept(text: string): number {
    for (let index = 0; index < text.length; index += 1) {
      if (!this.acceptCharacter(text.charAt(index))) return index;
    }
    return text.length;
  }

  private acceptCharacter(character: string): boolean {
    if (this.isInString) return this.inString(character);
    if (this.literal !== '') return this.inLiteral(character);
    if (this.number && this.inNumber(character)) return true;
    if (this.number) {
      if (!WHOLE_NUMBERS.has(this.number)) return false;
      this.number = undefined;
      this.endValue();
    }
    if (this.expected === 'nothing') return false;
    if (WHITE_SPACE.has(character)) return true;
    switch (this.expected) {
      case 'value':
        return this.beginValue(character);
      case 'value-or-end':
        return character === ']' ? this.close() : this.beginValue(character);
      case 'key':
        return this.beginKey(character);
      case 'key-or-end':
        return character === '}' ? this.close() : this.beginKey(character);
      case 'colon':
        if (character === ':') this.expected = 'value';
        return character === ':';
      case 'comma-or-end':
        return this.goOn(character);
    }
  }

  private beginValue(character: string): boolean {
    if (character === '{' || character === '[') {
      if (this.open.length === MAX_DEPTH) return false;
      this.open.push(character);
      this.expected = character === '{' ? 'key-or-end' : 'value-or-end';
      return true;
    }
    if (character === '"') {
      this.isInString = true;
      this.expected = 'value';
      return true;
    }
    const literal = LITERALS[character];
    if (literal !== undefined) {
      this.literal = literal;
      return true;
    }
    if (character === '-') this.number = 'sign';
    else if (character === '0') this.number = 'zero';
    else if (character >= '1' && character <= '9') this.number = 'integer';
    return this.number !== undefined;
  }

  private beginKey(character: string): boolean {
    if (character !== '"') return false;
    this.isInString = true;
    this.expected = 'key';
    return true;
  }

  private inString(character: string): boolean {
    if (this.escape === 'begun') {
      this.escape = character === 'u' ? 4 : 'none';
      return character === 'u' || ESCAPES.has(character);
    }
    if (typeof this.escape === 'number') {
      this.escape = this.escape === 1 ? 'none' : this.escape - 1;
      return /[0-9a-fA-F]/.test(character);
    }
    if (character === '\\') this.escape = 'begun';
    else if (character === '"') this.endString();
    return character >= ' ';
  }

  private endString(): void {
    this.isInString = false;
    if (this.expected === 'key') this.expected = 'colon';
    else this.endValue();
  }

  private inLiteral(character: string): boolean {
    if (!this.literal.startsWith(character)) return false;
    this.literal = this.literal.slice(1);
    if (this.literal === '') this.endValue();
    return true;
  }

  /** Whether a character continues the number. */
  private inNumber(character: string): boolean {
    const next = nextPart(this.number, character);
    if (next) this.number = next;
    return next !== undefined;
  }

  private goOn(character: string): boolean {
    const container = this.open.at(-1);
    if (character === ',') {
      this.expected = container === '{' ? 'key' : 'value';
      return true;
    }
    return character === (container === '{' ? '}' : ']') && this.close();
  }

  private close(): true {
    this.open.pop();
    this.endValue();
    return true;
  }

  private endValue(): void {
    this.expected = this.open.length > 0 ? 'comma-or-end' : 'nothing';
  }
}

function nextPart(part: NumberPart | undefined, character: string): NumberPart | undefined {
  const isDigit = character >= '0' && character <= '9';
  const isExponent = character === 'e' || character === 'E';
  switch (part) {
    case 'sign':
      return character === '0' ? 'zero' : isDigit ? 'integer' : undefined;
    case 'zero':
      return character === '.' ? 'point' : isExponent ? 'exponent' : undefined;
    case 'integer':
      return isDigit ? 'integer' : character === '.' ? 'point' : isExponent ? 'exponent' : undefined;
    case 'point':
      return isDigit ? 'fraction' : undefined;
    case 'fraction':
      return isDigit ? 'fraction' : isExponent ? 'exponent' : undefined;
    case 'exponent':
      return isDigit ? 'power' : character === '+' || character === '-' ? 'exponent-sign' : undefined;
    case 'exponent-sign':
    case 'power':
      return isDigit ? 'power' : undefined;
    default:
      return undefined;
  }
}
