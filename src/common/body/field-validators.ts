import { applyDecorators } from '@nestjs/common';
import {
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  type ValidationOptions,
} from 'class-validator';
import type { z } from 'zod';
import { describeIssue } from './describe-issue.ts';
import { beyondBound, missing, unsupportedValue, wrongType, type FieldProblem } from './problem-words.ts';
import { ReadAs } from './read-fields.ts';

/**
 * Field types of flat bodies and queries: class-validator's decorators, with OpenAI's error messages. Checks a value in the
 * order of the decorators and reports its first problem.
 */

/** Describes the problem of a field's value. Each validator has it as context. */
export type Describe = (value: unknown, param: string) => FieldProblem | undefined;

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The field has a default or is optional. */
export function CanBeAbsent(): PropertyDecorator {
  return ValidateIf((_fields, value) => value !== undefined);
}

/** The field may be absent or null, with the same meaning. */
export function CanBeAbsentOrNull(): PropertyDecorator {
  return ValidateIf((_fields, value) => value !== undefined && value !== null);
}

/** The field is required, but may be null. */
export function CanBeNull(): PropertyDecorator {
  return ValidateIf((_fields, value) => value !== null);
}

/** @param bounds of its length; class-validator's own count is slow for long texts */
export function IsText({ min = 0, max = Number.POSITIVE_INFINITY }: Bounds = {}): PropertyDecorator {
  const isWithin = ({ length }: string): boolean => length >= min && length <= max;
  return applyDecorators(
    IsGiven(),
    IsString(toldBy((value, param) => wrongType(param, 'a string', value))),
    ValidateBy(
      { name: 'isWithin', validator: { validate: isWithin } },
      toldBy((value, param) => {
        const isShort = (value as string).length < min;
        return beyondBound(param, isShort ? { kind: 'min', bound: min } : { kind: 'max', bound: max }, value);
      }),
    ),
  );
}

export function IsOneOf(values: readonly string[]): PropertyDecorator {
  const inWords = toldBy((value, param) => unsupportedValue(param, value, values));
  return applyDecorators(IsGiven(), IsIn([...values], inWords));
}

/** A whole number in a query, whose values are strings. */
export function IsWholeText({ min, max }: Required<Bounds>): PropertyDecorator {
  return applyDecorators(
    ReadAs(toNumber),
    IsGiven(),
    IsInt(toldBy((value, param) => wrongType(param, 'an integer', value))),
    Min(min, toldBy((value, param) => beyondBound(param, { kind: 'min', bound: min }, value))),
    Max(max, toldBy((value, param) => beyondBound(param, { kind: 'max', bound: max }, value))),
  ); // prettier-ignore
}

/** An object for which `find` returns no problem. */
export function IsObjectWithout(find: (object: object, param: string) => FieldProblem | undefined): PropertyDecorator {
  return applyDecorators(
    IsGiven(),
    IsObject(toldBy((value, param) => wrongType(param, 'an object', value))),
    ValidateBy(
      { name: 'isSound', validator: { validate: (value: object) => find(value, '') === undefined } },
      toldBy((value, param) => find(value as object, param)),
    ),
  );
}

/** A tree: zod parses it, and the property becomes the result. */
export function IsReadBy(schema: z.ZodType): PropertyDecorator {
  return applyDecorators(
    ReadAs((value) => {
      const { data, error } = schema.safeParse(value);
      return error ? new Unread(value, error.issues) : data;
    }),
    IsGiven(),
    ValidateBy(
      { name: 'isRead', validator: { validate: (value) => !(value instanceof Unread) } },
      toldBy((value, param) => (value as Unread).describe(param)),
    ),
  );
}

/** The problem that a schema found. */
class Unread {
  constructor(
    private readonly value: unknown,
    private readonly issues: readonly z.core.$ZodIssue[],
  ) {}

  describe(param: string): FieldProblem | undefined {
    const [issue] = this.issues;
    return issue && describeIssue({ ...issue, path: [param, ...issue.path] }, { [param]: this.value });
  }
}

function IsGiven(): PropertyDecorator {
  return ValidateBy(
    { name: 'isGiven', validator: { validate: (value) => value !== undefined } },
    toldBy((_value, param) => missing(param)),
  );
}

/** class-validator passes on the context only with a message, which is not used. */
function toldBy(describe: Describe): ValidationOptions {
  return { message: 'is not what this field takes', context: { describe } };
}

/** Anything but a finite number stays a string. */
function toNumber(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
