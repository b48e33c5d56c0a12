import { keepsValue } from '../../claude-cli/turn/exact-number.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import { pathInto } from '../json-schema/schema-problem.ts';
import { findInexactNumbers, type InexactNumber } from './find-inexact-numbers.ts';

type Step = string | number;
type Holder = Record<Step, unknown>;

/** Where a schema stands that the model's calls are to follow, or its answer; undefined is any position in a list. */
export type SchemaPath = readonly [kind: 'tool' | 'format', ...path: (string | undefined)[]];

const SCHEMAS: readonly SchemaPath[] = [
  ['tool', 'tools', undefined, 'function', 'parameters'],
  ['tool', 'tools', undefined, 'parameters'],
  ['tool', 'tools', undefined, 'tools', undefined, 'parameters'],
  ['tool', 'tools', undefined, 'input_schema'],
  ['tool', 'tools', undefined, 'inputSchema'],
  ['tool', 'functions', undefined, 'parameters'],
  ['format', 'text', 'format', 'schema'],
  ['format', 'output_config', 'format', 'schema'],
  ['format', 'output_format', 'schema'],
];
/** Keywords whose value is an object of schemas, by names of the client. */
const NAMED_SCHEMAS = new Set<Step>(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords whose value is any JSON. */
const VALUES = new Set<Step>(['enum', 'const', 'default', 'examples', 'example']);

/**
 * Keeps the digits of the numbers that the model is given of a body: those in its messages, and the values that a schema
 * names, become strings where they would change. Bounds in a schema become the nearest number. Changes the body.
 *
 * @param bytes what the body was parsed from
 * @param more schemas that only the API of the body has
 * @returns the bounds that have become other numbers, in words for a header
 *
 * Throws a GatewayError of status 400 for a value that an answer could then not have.
 */
export function keepDigits(body: unknown, bytes: Buffer, more: readonly SchemaPath[] = []): string[] {
  const schemas = [...SCHEMAS, ...more];
  const changed = new Set<string>();
  for (const number of findInexactNumbers(bytes)) {
    const note = keepNumber(body, number, schemas);
    if (note !== undefined) changed.add(note);
  }
  return [...changed];
}

function keepNumber(
  body: unknown,
  { path, source }: InexactNumber,
  schemas: readonly SchemaPath[],
): string | undefined {
  const holder = valueAt(body, path.slice(0, -1)) as Holder | undefined;
  const last = path.at(-1);
  // A field that is there twice counts as its last.
  if (!holder || last === undefined || !Object.hasOwn(holder, last) || !Object.is(holder[last], Number(source)))
    return undefined;
  if (path[0] === 'messages' || path[0] === 'input') {
    holder[last] = source;
    return undefined;
  }
  const schema = schemas.find(([, ...start]) =>
    start.every((step, index) => (step === undefined ? typeof path[index] === 'number' : step === path[index])),
  );
  // 1.10 is 1.1 in a schema.
  if (!schema || keepsValue(source)) return undefined;
  const [kind, ...start] = schema;
  const keyword = keywordIndex(path, start.length);
  if (keyword === undefined) return keepBound(holder, path, source);
  const isRequired = path[keyword] === 'enum' || path[keyword] === 'const';
  if (kind === 'format' && isRequired) throw inexactValue(path, source);
  holder[last] = source;
  if (isRequired) allowStrings(valueAt(body, path.slice(0, keyword)) as Holder);
  return undefined;
}

/** The position of the keyword whose value the number belongs to; undefined for a bound. */
function keywordIndex(path: readonly Step[], start: number): number | undefined {
  for (let index = start; index < path.length; index += 1) {
    const step = path[index]!;
    if (VALUES.has(step)) return index;
    if (NAMED_SCHEMAS.has(step)) index += 1;
  }
  return undefined;
}

/** A bound is the nearest number; one beyond all numbers is none. */
function keepBound(holder: Holder, path: readonly Step[], source: string): string {
  const last = path.at(-1)!;
  const place = path.filter((step) => typeof step === 'string').join('.');
  if (Number.isFinite(holder[last])) return `${place} (${source} becomes ${String(holder[last])})`;
  delete holder[last];
  return `${place} (${source} is left out)`;
}

/** The value has become a string, which the type has to allow. */
function allowStrings(schema: Holder): void {
  const { type } = schema;
  if (type === 'integer' || type === 'number') schema['type'] = [type, 'string'];
  else if (Array.isArray(type) && !type.includes('string')) schema['type'] = [...(type as unknown[]), 'string'];
}

function inexactValue(path: readonly Step[], source: string): Error {
  const [field = '', ...steps] = path.map(String);
  const param = pathInto(field, steps);
  return invalidRequest(
    `Invalid '${param}': ${source.slice(0, 100)} has more digits than a number can keep: allow a string instead.`,
    param,
    'invalid_json_schema',
  );
}

function valueAt(body: unknown, path: readonly Step[]): unknown {
  let value = body;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Holder)[step];
  }
  return typeof value === 'object' && value !== null ? value : undefined;
}
