import { isSmallJson } from '../../common/body/is-small-json.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';

/** A schema is checked, written as JSON and compared in one go: twice as much would block the event loop. */
const BOUNDS = { values: 50_000, characters: 4_000_000 };

/**
 * Throws a GatewayError of status 400 where the schemas of all tools together are larger than can be used.
 *
 * @param param the field that holds the tools
 */
export function checkToolSize(schemas: readonly unknown[], param: string): void {
  if (isSmallJson(schemas, BOUNDS)) return;
  const message = `Invalid '${param}': their parameters hold more than ${BOUNDS.values} values or ${BOUNDS.characters} characters.`;
  throw invalidRequest(message, param, 'invalid_function_parameters');
}
