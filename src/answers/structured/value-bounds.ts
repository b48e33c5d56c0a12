import { canonicalJson } from '../../claude-cli/turn/canonical-json.ts';
import { isSchema, type Schema } from '../../turns/json-schema/subschemas.ts';

/** A kind of value; integers are numbers. */
export type ValueKind = 'null' | 'boolean' | 'string' | 'number' | 'array' | 'object';
const VALUE_KINDS: readonly ValueKind[] = ['null', 'boolean', 'string', 'number', 'array', 'object'];

/** The kinds of values that all schemas allow by their types. */
export function allowedKinds(schemas: readonly Schema[]): Set<ValueKind> {
  const kinds = new Set(VALUE_KINDS);
  for (const { type, not } of schemas) {
    const allowed = type === undefined ? VALUE_KINDS : typesIn(type).map(toKind);
    for (const kind of kinds) if (!allowed.includes(kind)) kinds.delete(kind);
    // An excluded `integer` leaves other numbers.
    const excluded =
      isSchema(not) && Object.keys(not).every((keyword) => keyword === 'type') ? typesIn(not['type']) : [];
    for (const name of excluded) if (name !== 'integer') kinds.delete(toKind(name));
  }
  return kinds;
}

/** The values that all schemas allow by `enum` and `const`; undefined without these keywords. */
export function namedValues(schemas: readonly Schema[]): unknown[] | undefined {
  let named: Map<string, unknown> | undefined;
  for (const schema of schemas) {
    const { enum: values, const: value } = schema;
    for (const list of [values, 'const' in schema ? [value] : undefined]) {
      if (!Array.isArray(list)) continue;
      const these = new Map(list.map((one: unknown) => [canonicalJson(one), one]));
      named = named ? new Map([...named].filter(([key]) => these.has(key))) : these;
    }
  }
  return named && [...named.values()];
}

/** Whether a value could be valid, judged by its kind, size and names. */
export function couldBe(value: unknown, schema: Schema): boolean {
  const kind = kindOf(value);
  const { type, not } = schema;
  if (type !== undefined && !typesIn(type).some((name) => isOfType(value, kind, name))) return false;
  if (isSchema(not) && Object.keys(not).length === 1 && namedValues([not])?.some((one) => canonicalJson(one) === canonicalJson(value))) return false; // prettier-ignore
  if (kind === 'number') return isIn(value as number, numberRange([schema]));
  if (kind === 'string') return isIn(Array.from(value as string).length, sizeRange([schema], 'minLength', 'maxLength'));
  if (Array.isArray(value)) return isIn(value.length, sizeRange([schema], 'minItems', 'maxItems'));
  if (!isSchema(value)) return true;
  const names = Object.keys(value);
  return (
    isIn(names.length, sizeRange([schema], 'minProperties', 'maxProperties')) &&
    stringsIn(schema['required']).every((name) => Object.hasOwn(value, name))
  );
}

/** The range of a number. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly isLowExcluded: boolean;
  readonly isHighExcluded: boolean;
}

export function numberRange(schemas: readonly Schema[]): Range {
  const lows = schemas.map(({ minimum }) => numberOr(minimum, -Infinity));
  const highs = schemas.map(({ maximum }) => numberOr(maximum, Infinity));
  const openLow = Math.max(...schemas.map(({ exclusiveMinimum }) => numberOr(exclusiveMinimum, -Infinity)));
  const openHigh = Math.min(...schemas.map(({ exclusiveMaximum }) => numberOr(exclusiveMaximum, Infinity)));
  const low = Math.max(...lows, openLow);
  const high = Math.min(...highs, openHigh);
  return { low, high, isLowExcluded: low === openLow && low > -Infinity, isHighExcluded: high === openHigh && high < Infinity }; // prettier-ignore
}

/** The range of a size, by two keywords. */
export function sizeRange(schemas: readonly Schema[], least: string, most: string): Range {
  const low = Math.max(0, ...schemas.map((schema) => numberOr(schema[least], 0)));
  const high = Math.min(...schemas.map((schema) => numberOr(schema[most], Infinity)));
  return { low, high, isLowExcluded: false, isHighExcluded: false };
}

/** Whether a range contains no number. */
export function isEmptyRange({ low, high, isLowExcluded, isHighExcluded }: Range, isInteger: boolean): boolean {
  if (low > high || (low === high && (isLowExcluded || isHighExcluded))) return true;
  if (!isInteger || low === -Infinity || high === Infinity) return false;
  const first = isLowExcluded && Number.isInteger(low) ? low + 1 : Math.ceil(low);
  const last = isHighExcluded && Number.isInteger(high) ? high - 1 : Math.floor(high);
  return first > last;
}

/** Whether all numbers must be integers. */
export function isIntegral(schemas: readonly Schema[]): boolean {
  return schemas.some(({ type }) => {
    const types = typesIn(type);
    return types.includes('integer') && !types.includes('number');
  });
}

export function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function isIn(value: number, { low, high, isLowExcluded, isHighExcluded }: Range): boolean {
  return (isLowExcluded ? value > low : value >= low) && (isHighExcluded ? value < high : value <= high);
}

function typesIn(type: unknown): string[] {
  return typeof type === 'string' ? [type] : stringsIn(type);
}

function toKind(type: string): ValueKind {
  return type === 'integer' ? 'number' : (type as ValueKind);
}

function kindOf(value: unknown): ValueKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as ValueKind;
}

function isOfType(value: unknown, kind: ValueKind, type: string): boolean {
  return type === 'integer' ? Number.isInteger(value) : type === kind;
}
