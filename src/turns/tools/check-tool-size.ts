import { isSmallJson } from '../../common/body/is-small-json.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';

/** A schema is checked, written as JSON and compared at once: twice as much would block the event loop. */
const BOUNDS = { values: 50_000, characters: 4_000_000 };

/**
 * Throws a GatewayError of status 400 if the schemas of all tools together are too large.
 *
 * @param param the field of the body that contains the tools
 */
export function checkToolSize(schemas: readonly unknown[], param: string): void {
  if (isSmallJson(schemas, BOUNDS)) return;
  const message = `Invalid '${param}': their parameters hold more than ${BOUNDS.values} values or ${BOUNDS.characters} characters.`;
  throw invalidRequest(message, param, 'invalid_function_parameters');
}
