import { invalidRequest, type GatewayError } from '../common/errors/gateway-error.ts';
import { findSchemaProblem, pathInto } from './schema-problem.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Agents send the same tools with every request: what was found valid lately, as JSON. */
const foundValid = new Set<string>();
const MAX_FOUND_VALID = 500;
const MAX_FOUND_VALID_CHARACTERS = 8_000;

/** What the Messages API takes as the name of a parameter. */
const PROPERTY_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** What it does not take beside the properties; the CLI would rewrite them and drop the tool's description. */
const COMBINATIONS = ['anyOf', 'oneOf', 'allOf'];

/**
 * Refuses parameters that the model could not be given: the CLI silently leaves out a tool whose schema is not valid
 * (JSON Schema 2020-12), and sometimes all others with it.
 *
 * @param path where the schema stands in the body
 */
export function checkToolSchema(schema: Schema, path: string): void {
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    throw invalidSchema("schema must be of type 'object'", path, `${path}.type`);
  }
  const combination = COMBINATIONS.find((keyword) => schema[keyword] !== undefined);
  if (combination !== undefined) {
    throw invalidSchema(`schema must not have '${combination}' at the top level`, path, `${path}.${combination}`);
  }
  checkAgainstMetaSchema(schema, path);
  const wrong = Object.keys(schema['properties'] ?? {}).find((name) => !PROPERTY_NAME.test(name));
  if (wrong !== undefined) {
    const rule = 'names of parameters must be 1 to 64 letters, digits, underscores, dots or hyphens';
    throw invalidSchema(`${rule}, unlike '${wrong.slice(0, 100)}'`, path, `${path}.properties`);
  }
}

function checkAgainstMetaSchema(schema: Schema, path: string): void {
  const json = JSON.stringify(schema);
  if (foundValid.has(json)) return;
  const problem = findSchemaProblem(schema);
  if (problem) throw invalidSchema(problem.text, path, pathInto(path, problem.steps));
  if (json.length > MAX_FOUND_VALID_CHARACTERS) return;
  foundValid.add(json);
  const [oldest] = foundValid;
  if (foundValid.size > MAX_FOUND_VALID && oldest !== undefined) foundValid.delete(oldest);
}

function invalidSchema(problem: string, path: string, param: string): GatewayError {
  return invalidRequest(`Invalid schema for '${path}': ${problem}.`, param, 'invalid_function_parameters');
}
