import { invalidRequest } from '../errors/gateway-error.ts';
import { JsonBoundsError, JsonScan, MAX_VALUES } from './json-scan.ts';

/** A text of a body that is JSON itself. */
export interface EmbeddedJson {
  readonly json: string;
  /** Where it stands in the body. */
  readonly path: string;
}

/**
 * Throws a GatewayError of status 400 where texts of JSON hold more, all together, than a body may hold: they are parsed as
 * well. The parser gives up at once on what does not begin like JSON.
 */
export function checkEmbeddedJson(texts: Iterable<EmbeddedJson>): void {
  let values = 0;
  for (const { json, path } of texts) {
    if (!/^\s*[[{\d-]/.test(json)) continue;
    try {
      const scan = new JsonScan(Buffer.from(json));
      scan.advance(Number.POSITIVE_INFINITY);
      values += scan.values;
      if (values > MAX_VALUES) throw new JsonBoundsError(`all of its kind hold more than ${MAX_VALUES} values`);
    } catch (error) {
      if (!(error instanceof JsonBoundsError)) throw error;
      throw invalidRequest(
        `Invalid '${path}': the JSON in it is too complex: ${error.message}.`,
        path,
        'json_too_complex',
      );
    }
  }
}
