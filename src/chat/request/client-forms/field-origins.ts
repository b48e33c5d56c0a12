import type { ChildPath } from '../../../common/body/unread-fields.ts';
import { GatewayError } from '../../../common/errors/gateway-error.ts';

/** Where a value of a translated body stands in what the client sent. */
interface Origin {
  /** Its place in the body. */
  readonly at?: string;
  /** Its place below its parent; empty where both are one value. */
  readonly below?: string;
  /** The client's names of its fields, where they differ; empty where a field is the value itself. */
  readonly fields?: Readonly<Record<string, string>>;
  /** How many items of a list the client did not send, at its beginning. */
  readonly added?: number;
}

/** A step of a path: the name of a field or a position in a list. */
const STEP = /\.?([^.[\]]+)|\[(\d+)\]/y;

/**
 * Where the values of a translated body come from, so that errors name the fields that the client sent. Values without a
 * note stand where they stood.
 */
export class FieldOrigins {
  private readonly origins = new Map<unknown, Origin>();

  /** The client's path of a child without positions in lists; undefined where nothing stands elsewhere. */
  get childName(): ChildPath | undefined {
    if (this.origins.size === 0) return undefined;
    return (place, parent, field, child) => {
      return this.childPath(place, parent, field, child).replaceAll(/\[\d+\]/g, '');
    };
  }

  note<Value extends object>(value: Value, origin: Origin): Value {
    this.origins.set(value, origin);
    return value;
  }

  /** A value that takes the place of another one stands where that one stood. */
  copy(from: unknown, to: unknown): void {
    const origin = this.origins.get(from);
    if (origin && from !== to) this.origins.set(to, origin);
  }

  /** The client's path of a path into the translated body. */
  toClientPath(body: unknown, path: string): string {
    if (this.origins.size === 0) return path;
    let parent = body;
    let place = '';
    let rest = path;
    while (rest !== '' && typeof parent === 'object' && parent !== null) {
      STEP.lastIndex = 0;
      const [step, field, position] = STEP.exec(rest) ?? [];
      if (step === undefined) break;
      const key = field ?? position ?? '';
      const child: unknown = Object.hasOwn(parent, key) ? (parent as Record<string, unknown>)[key] : undefined;
      place = this.childPath(place, parent, field ?? Number(position), child);
      rest = rest.slice(step.length);
      parent = child;
    }
    return place + rest;
  }

  /** An entry of the ignored fields, a path that may have words behind it, with the client's name of its field. */
  toClientEntry(body: unknown, entry: string): string {
    const { fields = {} } = this.origins.get(body) ?? {};
    const [field = ''] = /^\w+/.exec(entry) ?? [];
    return Object.hasOwn(fields, field) ? `${fields[field]}${entry.slice(field.length)}` : entry;
  }

  /**
   * The client's path of a child.
   *
   * @param place the client's path of the parent
   * @param field the name of the child's field, or its position in a list
   */
  childPath(place: string, parent: unknown, field: string | number, child: unknown): string {
    const { at, below } = this.origins.get(child) ?? {};
    const { fields = {}, added = 0 } = this.origins.get(parent) ?? {};
    const step =
      typeof field === 'number' ? `[${field - added}]` : Object.hasOwn(fields, field) ? fields[field] : field;
    return at ?? join(place, below ?? step ?? '');
  }

  /** An error that names a place in the translated body, with the client's name of that place. */
  toClientError(body: unknown, error: unknown): unknown {
    if (!(error instanceof GatewayError) || error.param === null) return error;
    const param = this.toClientPath(body, error.param);
    if (param === error.param) return error;
    const message = error.message.replaceAll(/'([^']+)'/g, (quoted, path: string) =>
      error.param?.startsWith(path) ? `'${this.toClientPath(body, path)}'` : quoted,
    );
    return error.with(message, param);
  }
}

function join(place: string, step: string): string {
  if (step === '' || place === '' || step.startsWith('[')) return place + step;
  return `${place}.${step}`;
}
