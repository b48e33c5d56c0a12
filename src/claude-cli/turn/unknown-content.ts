/** Content of an answer whose type this layer does not know. */
export interface UnknownPart {
  readonly kind: 'block' | 'delta' | 'event' | 'stop-reason';
  /** As the API sent it: not always a string. */
  readonly name: unknown;
}

/** The same with a name that is safe to log. */
export type UnknownContentReport = UnknownPart & { readonly name: string };

/** Any other name could be text of a client. */
const TYPE_NAME = /^[a-z0-9_.]{1,64}$/;
/** Maximum reports per turn. */
const MAX_REPORTS = 10;

/** Reports each unknown kind of content of a turn once. */
export class UnknownContent {
  private readonly reported = new Set<string>();

  constructor(private readonly report: (part: UnknownContentReport) => void) {}

  note({ kind, name }: UnknownPart): void {
    const safeName = typeof name === 'string' && TYPE_NAME.test(name) ? name : 'not a type';
    const key = `${kind} ${safeName}`;
    if (this.reported.has(key) || this.reported.size >= MAX_REPORTS) return;
    this.reported.add(key);
    this.report({ kind, name: safeName });
  }
}
