import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { isSchema, mapSubschemas, type Schema, type SchemaNode } from './subschemas.ts';
import { safePattern } from './safe-pattern.ts';

/** What is wrong with a value, in words that a model can act on; undefined when nothing is. */
export type AnswerValidator = (value: unknown) => string | undefined;

/** A schema that no validator can be made of. */
export class UnusableSchemaError extends Error {}

/** A value cost more to check than an honest schema can need. */
class TooCostlyError extends Error {}

/** Schemas applied to values while one answer is checked; more than a long answer to a large schema takes. */
const MAX_STEPS = 2_000_000;
/** What testing a pattern is worth: so many of its states and characters count as one step. */
const PATTERN_STATES_PER_STEP = 50;

const MAX_VALIDATORS = 200;
const STEP = 'gateway:step';

/** Steps that the check which runs right now may still take. Checks are synchronous, so there is only one. */
let stepsLeft = 0;

function spend(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new TooCostlyError();
}

function testPattern(source: string): { test: (text: string) => boolean; toString: () => string } {
  const test = (text: string): boolean => {
    const pattern = safePattern(source);
    spend((pattern.size * text.length) / PATTERN_STATES_PER_STEP);
    return pattern.test(text);
  };
  // ajv keeps patterns apart by their text.
  return { test, toString: () => source };
}

const ajv = new Ajv2020({
  strict: false,
  // They were checked before, with the place of what is wrong.
  validateSchema: false,
  // Copying what is referred to into each place would let a small schema grow without end.
  inlineRefs: false,
  addUsedSchema: false,
  ownProperties: true,
  logger: false,
  code: { regExp: Object.assign(testPattern, { code: 'testPattern' }) },
});
formats.default(ajv);
// Every schema counts how often it is applied: references can make that exponential.
ajv.addKeyword({
  keyword: STEP,
  schema: false,
  errors: false,
  validate: () => {
    spend(1);
    return true;
  },
});
// ajv compares every element with every other.
ajv.removeKeyword('uniqueItems');
ajv.addKeyword({
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: 'must NOT have duplicate items' },
  validate: (isUnique: boolean, items: readonly unknown[]) => {
    if (!isUnique) return true;
    spend(items.length);
    return new Set(items.map(canonicalJson)).size === items.length;
  },
});

const validators = new Map<string, AnswerValidator>();

/**
 * The validator of a schema of draft 2020-12 whose references all lead to a place within it. The latest are kept, since
 * clients send the same schema with every request. Throws UnusableSchemaError.
 */
export function answerValidator(schema: Schema): AnswerValidator {
  const key = JSON.stringify(schema);
  const validator = validators.get(key) ?? toValidator(compile(schema));
  validators.delete(key);
  validators.set(key, validator);
  const [oldest] = validators.keys();
  if (validators.size > MAX_VALIDATORS && oldest !== undefined) validators.delete(oldest);
  return validator;
}

function compile(schema: Schema): ValidateFunction {
  const counted = withSteps(schema) as Record<string, unknown>;
  try {
    return ajv.compile(counted);
  } catch (error) {
    throw new UnusableSchemaError('the schema cannot be compiled', { cause: error });
  } finally {
    // ajv would keep what it compiled for as long as it lives.
    ajv.removeSchema(counted);
  }
}

function withSteps(node: SchemaNode): unknown {
  return isSchema(node) ? { ...mapSubschemas(node, withSteps), [STEP]: true } : node;
}

function toValidator(validate: ValidateFunction): AnswerValidator {
  return (value) => {
    stepsLeft = MAX_STEPS;
    try {
      return validate(value) ? undefined : describe(validate.errors);
    } catch (error) {
      if (error instanceof TooCostlyError || error instanceof RangeError) return 'the answer takes too long to check';
      throw error;
    } finally {
      validate.errors = null;
    }
  };
}

/** The first problem; of alternatives that all failed, the last says that none of them fits. */
function describe(errors: ErrorObject[] | null | undefined): string {
  const problem = errors?.at(-1);
  if (!problem) return 'the answer does not match the schema';
  const place = problem.instancePath === '' ? 'the answer' : `'${problem.instancePath}'`;
  const { params } = problem;
  const detail = [params['additionalProperty'], params['allowedValues'], params['allowedValue']]
    .filter((value) => value !== undefined)
    .map((value) => ` (${JSON.stringify(value).slice(0, 500)})`)
    .join('');
  return `${place} ${problem.message ?? 'is not valid'}${detail}`.slice(0, 1000);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isSchema(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
