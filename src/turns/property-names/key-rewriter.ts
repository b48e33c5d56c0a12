import type { SchemaShape } from './schema-shape.ts';

interface Container {
  readonly isObject: boolean;
  /** The shape of the container itself. */
  readonly shape: SchemaShape | undefined;
  /** The shape of the next value. */
  next: SchemaShape | undefined;
  isKeyExpected: boolean;
}

/**
 * Replaces the model's property names by the client's in JSON that arrives in pieces. Everything else stays unchanged, to
 * the character; only an incomplete name is held back.
 */
export class KeyRewriter {
  private readonly open: Container[] = [];
  /** The name being read, with its quotation marks. */
  private key: string | undefined;
  private isInString = false;
  private isEscaped = false;

  constructor(private readonly root: SchemaShape | undefined) {}

  /** Takes a piece. Returns the new part of the result. */
  push(piece: string): string {
    let result = '';
    for (const character of piece.split('')) result += this.accept(character);
    return result;
  }

  /** Returns the incomplete name that was held back, if the JSON breaks off. */
  flush(): string {
    const { key = '' } = this;
    this.key = undefined;
    return key;
  }

  private accept(character: string): string {
    if (this.key !== undefined) {
      this.key += character;
      return this.isStringEnd(character) ? this.endKey(this.key) : '';
    }
    if (this.isInString) {
      this.isInString = !this.isStringEnd(character);
      return character;
    }
    const container = this.open.at(-1);
    switch (character) {
      case '"':
        if (container?.isKeyExpected === true) {
          this.key = character;
          return '';
        }
        this.isInString = true;
        break;
      case '{':
      case '[':
        this.begin(character === '{', container ? container.next : this.root);
        break;
      case '}':
      case ']':
        this.open.pop();
        break;
      case ',':
        if (container) container.isKeyExpected = container.isObject;
        break;
      default:
    }
    return character;
  }

  private begin(isObject: boolean, shape: SchemaShape | undefined): void {
    this.open.push({ isObject, shape, next: isObject ? undefined : shape?.items, isKeyExpected: isObject });
  }

  private endKey(json: string): string {
    this.key = undefined;
    const container = this.open.at(-1);
    if (!container) return json;
    container.isKeyExpected = false;
    const key = parseKey(json);
    if (key === undefined || !container.shape) {
      container.next = undefined;
      return json;
    }
    const name = container.shape.toClient.get(key);
    container.next = container.shape.property(name ?? key);
    return name === undefined ? json : JSON.stringify(name);
  }

  private isStringEnd(character: string): boolean {
    if (this.isEscaped) {
      this.isEscaped = false;
      return false;
    }
    this.isEscaped = character === '\\';
    return character === '"';
  }
}

/** Undefined for invalid JSON. */
function parseKey(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
