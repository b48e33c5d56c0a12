import { JsonPrefix } from './json-prefix.ts';

/** A code block: each fence is alone on its line, except for the name of a language. */
const FENCE = /^[ \t]*```[\w+-]*[ \t]*\r?\n([^]*?)\r?\n?[ \t]*```[ \t]*$/gm;
/** Maximum scanned characters per character of the text. Prose fails at its first word. */
const MAX_READS_PER_CHARACTER = 10;

/**
 * The JSON value of an answer with other text: alone in a code fence, or the only one among prose. Undefined without one,
 * or with several candidates.
 *
 * @param requiresObject whether only an object is a candidate
 */
export function extractJson(text: string, requiresObject: boolean): string | undefined {
  const fenced = Array.from(text.matchAll(FENCE), ([, content = '']) => content.trim()).filter((content) =>
    isWhole(content, requiresObject),
  );
  const found = fenced.length > 0 ? fenced : containersIn(text, requiresObject);
  return found?.length === 1 ? found[0] : undefined;
}

/** Whether a text contains an object or a list, or the beginning of one; lists do not count if an object is required. */
export function holdsJson(text: string, requiresObject: boolean): boolean {
  return containersIn(text, requiresObject)?.length !== 0;
}

/** The outermost objects and lists of a text; undefined if the last one is incomplete, or the scan would take too long. */
function containersIn(text: string, requiresObject: boolean): string[] | undefined {
  const found: string[] = [];
  let reads = 0;
  let start = nextOpening(text, 0);
  while (start !== undefined) {
    const value = new JsonPrefix();
    const rest = text.slice(start);
    const length = value.accept(rest);
    reads += length;
    if (value.isComplete) {
      if (!requiresObject || rest.startsWith('{')) found.push(rest.slice(0, length).trimEnd());
    } else if (length === rest.length || reads > text.length * MAX_READS_PER_CHARACTER) {
      return undefined;
    }
    start = nextOpening(text, start + (value.isComplete ? length : 1));
  }
  return found;
}

function nextOpening(text: string, from: number): number | undefined {
  for (let index = from; index < text.length; index += 1) if (text[index] === '{' || text[index] === '[') return index;
  return undefined;
}

function isWhole(text: string, requiresObject: boolean): boolean {
  const value = new JsonPrefix();
  return (!requiresObject || text.startsWith('{')) && value.accept(text) === text.length && value.isComplete;
}
