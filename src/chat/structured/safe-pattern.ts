import { RE2JS } from 're2js';

/** A pattern of a schema, in whatever way it is tested. */
export interface Pattern {
  readonly test: (text: string) => boolean;
  /** Steps that testing one character can take, at most; 0 for a pattern that is not tested. */
  readonly size: number;
}

/** Longer ones, or such as repeat more, are not tested: what they cost is out of proportion. */
const MAX_PATTERN_LENGTH = 500;
const MAX_REPETITIONS = 1000;
const MAX_PATTERNS = 500;

const UNTESTED: Pattern = { test: () => true, size: 0 };
const compiled = new Map<string, Pattern>();

/**
 * A client's pattern, tested in time that is linear in the text. What that engine cannot express (looking around, back
 * references) is not tested: every text matches it.
 */
export function safePattern(source: string): Pattern {
  const known = compiled.get(source);
  if (known) return known;
  const pattern = compile(source);
  const [oldest] = compiled.keys();
  if (compiled.size >= MAX_PATTERNS && oldest !== undefined) compiled.delete(oldest);
  compiled.set(source, pattern);
  return pattern;
}

function compile(source: string): Pattern {
  if (source.length > MAX_PATTERN_LENGTH || repetitionsOf(source) > MAX_REPETITIONS) return UNTESTED;
  try {
    const expression = RE2JS.compile(RE2JS.translateRegExp(source));
    return { test: (text) => expression.test(text), size: expression.programSize() };
  } catch {
    return UNTESTED;
  }
}

function repetitionsOf(source: string): number {
  return [...source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce((sum, [, least, most]) => sum + Number(most || least), 0);
}
