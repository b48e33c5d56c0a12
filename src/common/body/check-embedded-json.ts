import { invalidRequest } from '../errors/gateway-error.ts';
import { MAX_VALUES } from './json-scan.ts';

/** A string of a body that is JSON itself. */
export interface EmbeddedJson {
  readonly json: string;
  /** Its path in the body. */
  readonly path: string;
}

/**
 * Throws a GatewayError of status 400 if the JSON strings of a body contain more values in total than a body may: parsing
 * them would block the event loop. Ignores a string that exceeds the maximum alone, because it is never parsed
 * (`toCallInput`).
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

/** The approximate number of values, including those inside its strings. */
function valuesIn(json: string): number {
  if (json.length <= SMALL_CHARACTERS) return 1;
  const search = /[,[{]/g;
  let values = 1;
  while (values <= MAX_VALUES && search.test(json)) values += 1;
  return values;
}

/** Shorter texts take negligible time, whatever they contain. */
const SMALL_CHARACTERS = 100;
