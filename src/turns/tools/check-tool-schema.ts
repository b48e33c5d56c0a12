import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import { findSchemaProblem, pathInto } from '../json-schema/schema-problem.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Keywords that the Messages API does not accept besides the properties; the CLI would rewrite them and drop the tool's
 * description.
 */
const COMBINATIONS = ['anyOf', 'oneOf', 'allOf'];

/**
 * Refuses parameters that cannot be sent to the model: the CLI silently drops a tool with an invalid schema (JSON Schema
 * 2020-12), and sometimes all others with it.
 *
 * @param path the path of the schema in the body
 */
export function checkToolSchema(schema: Schema, path: string): void {
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    throw invalidSchema("schema must be of type 'object'", path, `${path}.type`);
  }
  const combination = COMBINATIONS.find((keyword) => schema[keyword] !== undefined);
  if (combination !== undefined) {
    throw invalidSchema(`schema must not have '${combination}' at the top level`, path, `${path}.${combination}`);
  }
  const problem = findSchemaProblem(schema);
  if (problem) throw invalidSchema(problem.text, path, pathInto(path, problem.steps));
}

function invalidSchema(problem: string, path: string, param: string): GatewayError {
  return invalidRequest(`Invalid schema for '${path}': ${problem}.`, param, 'invalid_function_parameters');
}
