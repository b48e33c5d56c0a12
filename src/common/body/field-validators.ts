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

/*
 * What a field of a flat body or query can be: class-validator's decorators, with OpenAI's words for what is wrong. A value is
 * checked in the order of the decorators, and its first problem is reported.
 */

/** Says what is wrong with the value of a field. Each validator has it as context. */
export type Describe = (value: unknown, param: string) => FieldProblem | undefined;

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The field has a default, or can be left out. */
export function CanBeAbsent(): PropertyDecorator {
  return ValidateIf((_fields, value) => value !== undefined);
}

/** The field can be left out or be null, which mean the same. */
export function CanBeAbsentOrNull(): PropertyDecorator {
  return ValidateIf((_fields, value) => value !== undefined && value !== null);
}

/** The field must be there, but can be null. */
export function CanBeNull(): PropertyDecorator {
  return ValidateIf((_fields, value) => value !== null);
}

/** @param bounds of its characters; class-validator's own count takes long texts apart */
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

/** A whole number of a query, where each value is a text. */
export function IsWholeText({ min, max }: Required<Bounds>): PropertyDecorator {
  return applyDecorators(
    ReadAs(toNumber),
    IsGiven(),
    IsInt(toldBy((value, param) => wrongType(param, 'an integer', value))),
    Min(min, toldBy((value, param) => beyondBound(param, { kind: 'min', bound: min }, value))),
    Max(max, toldBy((value, param) => beyondBound(param, { kind: 'max', bound: max }, value))),
  ); // prettier-ignore
}

/** An object in which nothing is found. */
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

/** A tree: zod reads it, and the property becomes what the schema makes of it. */
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

/** What a schema has refused. */
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

/** class-validator passes the context on with a message only, although that stands nowhere. */
function toldBy(describe: Describe): ValidationOptions {
  return { message: 'is not what this field takes', context: { describe } };
}

/** What is no finite number stays the text that it is. */
function toNumber(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
