import { JsonPrefix } from './json-prefix.ts';

/** A code block: its fence stands alone on a line but for the name of a language. */
const FENCE = /^[ \t]*```[\w+-]*[ \t]*\r?\n([^]*?)\r?\n?[ \t]*```[ \t]*$/gm;
/** Characters that are looked at for each of the text. Prose is given up at its first word. */
const MAX_READS_PER_CHARACTER = 10;

/**
 * The JSON value of an answer that holds more than that: it stands alone in a code fence, or once among prose. Undefined
 * where there is none, or more than one that could be meant.
 *
 * @param requiresObject whether only an object can be meant
 */
export function extractJson(text: string, requiresObject: boolean): string | undefined {
  const fenced = Array.from(text.matchAll(FENCE), ([, content = '']) => content.trim()).filter((content) =>
    isWhole(content, requiresObject),
  );
  const found = fenced.length > 0 ? fenced : containersIn(text, requiresObject);
  return found?.length === 1 ? found[0] : undefined;
}

/** Whether there is an object or a list in a text, or the beginning of one; a list does not count where an object is required. */
export function holdsJson(text: string, requiresObject: boolean): boolean {
  return containersIn(text, requiresObject)?.length !== 0;
}

/**
 * The objects and lists that stand in a text and not within each other; undefined where the last one is not complete, or
 * the text would take too long to read.
 */
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
