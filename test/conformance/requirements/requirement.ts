/** The result of a field or a behaviour of the API; the introduction of docs/compatibility.md defines each. */
export type Verdict = 'supported' | 'refused' | 'ignored';

/** Titles of tests in one spec, as in its source or as the run shows them. */
export interface Proof {
  readonly file: string;
  readonly titles: readonly string[];
}

/** One field or behaviour of the API. */
export interface Requirement {
  /** Unique, lower case, from general to special: `field.temperature.above-one`. */
  readonly id: string;
  /** The field or behaviour, in Markdown. */
  readonly name: string;
  readonly verdict: Verdict;
  /** What this service does, in Markdown, without a full stop at the end. Absent if the verdict is enough. */
  readonly how?: string;
  /**
   * The source of the requirement: `schema Name` or `schema Name.field` of OpenAI's published description
   * (test/fixtures/openai-schemas.json), `guide ...` for its documentation, `client ...` for what a client library does,
   * `own ...` for a behaviour that OpenAI's API does not have.
   */
  readonly source: string;
  readonly proofs: readonly Proof[];
}

/** A chapter of docs/compatibility.md. */
export interface Section {
  readonly title: string;
  /** Markdown before the rows. */
  readonly introduction?: string;
  /** Markdown after the rows. */
  readonly remarks?: string;
  /** Whether each verdict has its own heading. Otherwise a row begins with its verdict, unless that is `supported`. */
  readonly isByVerdict?: boolean;
  readonly requirements: readonly Requirement[];
}

/** The tests of one spec that prove a requirement. */
export function proof(file: string, ...titles: string[]): Proof {
  return { file, titles };
}

/** Makes the rows of a chapter whose ids begin with the same word. */
export function rowsOf(prefix: string) {
  return (id: string, name: string, how: string, source: string, proofs: Proof[], verdict: Verdict = 'supported'): Requirement =>
    ({ id: `${prefix}.${id}`, name, verdict, how, source, proofs }); // prettier-ignore
}
