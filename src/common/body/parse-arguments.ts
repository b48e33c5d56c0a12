import { invalidRequest } from '../errors/gateway-error.ts';
import { checkNesting } from './check-nesting.ts';

/**
 * The arguments of a call from their JSON; an empty text stands for none. Throws a GatewayError of status 400 for what is
 * no JSON object, or nested too deeply.
 *
 * @param path where the JSON stands in the body
 * @param code of the error for what is no object
 */
export function parseArguments(json: string, path: string, code?: string): Record<string, unknown> {
  if (json.trim() === '') return {};
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest(`Invalid '${path}': the arguments of a call must be a JSON object.`, path, code);
  }
  checkNesting(value, path);
  return value as Record<string, unknown>;
}

/** Undefined for what is not JSON. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
