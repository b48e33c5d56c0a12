import { invalidRequest } from '../errors/gateway-error.ts';
import { MAX_VALUES } from './json-scan.ts';

/** A text of a body that is JSON itself. */
export interface EmbeddedJson {
  readonly json: string;
  /** Where it stands in the body. */
  readonly path: string;
}

/**
 * Throws a GatewayError of status 400 where texts of JSON hold more values, all together, than a body may hold: parsing
 * them would block the event loop. A text that holds too many by itself is never parsed (`toCallInput`), so it does not count.
 */
export function checkEmbeddedJson(texts: Iterable<EmbeddedJson>): void {
  let values = 0;
  for (const { json, path } of texts) {
    const held = valuesIn(json);
    if (held > MAX_VALUES) continue;
    values += held;
    if (values > MAX_VALUES) {
      const problem = `all of its kind hold more than ${MAX_VALUES} values`;
      throw invalidRequest(`Invalid '${path}': the JSON in it is too complex: ${problem}.`, path, 'json_too_complex');
    }
  }
}

/** How many values a text holds, about; what stands in its strings counts too. */
function valuesIn(json: string): number {
  if (json.length <= SMALL_CHARACTERS) return 1;
  const search = /[,[{]/g;
  let values = 1;
  while (values <= MAX_VALUES && search.test(json)) values += 1;
  return values;
}

/** Shorter texts take no time that matters, whatever is in them. */
const SMALL_CHARACTERS = 100;
