import { invalidRequest, type GatewayError } from '../errors/gateway-error.ts';

/** The problem of a field, in OpenAI's words. */
export interface FieldProblem {
  readonly message: string;
  /** The path of the field, as in `messages[0].content[1].text`. */
  readonly param: string;
  readonly code: string;
}

/** Field names can be the client's own, of any length. */
const MAX_PARAM_CHARACTERS = 200;

export function toInvalidRequest({ message, param, code }: FieldProblem): GatewayError {
  const place = param.slice(0, MAX_PARAM_CHARACTERS);
  return invalidRequest(
    message.replace(param, () => place),
    place,
    code,
  );
}

export function missing(param: string): FieldProblem {
  return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
}

/** @param expected with its article: "a string" */
export function wrongType(param: string, expected: string, value: unknown): FieldProblem {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${typeName(value)} instead.`;
  return { message, param, code: 'invalid_type' };
}

/** @param supported the supported values; empty if they cannot be listed */
export function unsupportedValue(param: string, value: unknown, supported: readonly unknown[]): FieldProblem {
  const values = supported.map((allowed) => `'${String(allowed)}'`).join(', ');
  const list = values === '' ? '' : ` Supported values are: ${values}.`;
  return { message: `Invalid value for '${param}': ${preview(value)}.${list}`, param, code: 'invalid_value' };
}

/** @param words a clause without its full stop */
export function invalidValue(param: string, words: string): FieldProblem {
  return { message: `Invalid '${param}': ${words}.`, param, code: 'invalid_value' };
}

export interface BrokenBound {
  readonly kind: 'min' | 'max';
  readonly bound: number | bigint;
}

/** The size of a list or a text, or a number, is out of bounds. */
export function beyondBound(param: string, { kind, bound }: BrokenBound, value: unknown): FieldProblem {
  const isSmall = kind === 'min';
  if (Array.isArray(value)) {
    const wanted = isSmall ? `at least ${bound}` : `at most ${bound}`;
    const message = `Invalid '${param}': array too ${isSmall ? 'short' : 'long'}. Expected an array with ${wanted} elements, but got ${value.length}.`;
    return { message, param, code: isSmall ? 'empty_array' : 'array_above_max_length' };
  }
  if (typeof value === 'string') {
    const message = `Invalid '${param}': the text is too ${isSmall ? 'short' : 'long'}.`;
    return { message, param, code: isSmall ? 'empty_string' : 'string_above_max_length' };
  }
  const message = `Invalid '${param}': expected a value ${isSmall ? '>=' : '<='} ${bound}, but got ${String(value)} instead.`;
  return { message, param, code: isSmall ? 'number_below_min_value' : 'number_above_max_value' };
}

/** A short form of a value for messages; lists and objects without their content. */
function preview(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'object' ? typeName(value) : JSON.stringify(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number';
  return typeof value === 'string' ? 'a string' : `a ${typeof value}`;
}
