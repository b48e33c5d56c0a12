import {
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsPositive,
  IsString,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { HasParts, type Problem } from './problems.ts';
import { EntriesAre } from './read-object.ts';

/**
 * Types of settings: class-validator's decorators, combined under messages that say what is allowed. Checks a value in the
 * order of the decorators and reports its first problem.
 */

/**
 * Node.js timers hold 2^31 - 1 ms (24.8 days); a longer one fires at once. The rest is a margin for additions to a setting.
 */
const MAX_TIMER_SECONDS = 24 * 86_400;
const MIN_SECONDS = 0.01;
const MAX_MINUTES = 10 * 366 * 24 * 60;
const MIN_MINUTES = 0.001;
/** V8 strings hold 512 MiB; a body or a message is one string. */
const MAX_STRING_MEGABYTES = 500;
const MAX_MEGABYTES = 1024 * 1024;
const MAX_NAME_CHARACTERS = 256;

/** A rule for one value of a list or a table. */
interface Rule {
  readonly isKept: (value: unknown) => boolean;
  readonly words: string;
}

const ONE_LINE = /^\P{Cc}*$/u;
const NOT_EMPTY = 'must be a text of at least one character';
const NO_CONTROL_CHARACTERS = 'must not have control characters';

/**
 * The name of a model or an alias. Clients and terminals show it, so it must be one line without control or direction
 * characters.
 */
const MODEL_NAME: readonly Rule[] = [
  {
    isKept: (value) => typeof value === 'string' && value !== '' && value.length <= MAX_NAME_CHARACTERS,
    words: `must be a text of 1 to ${MAX_NAME_CHARACTERS} characters`,
  },
  matching(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, 'must not have line breaks or control characters'),
];

/** The setting is optional, without a default. Unlike `IsOptional`, refuses null. */
export function CanBeAbsent(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

export function IsFlag(): PropertyDecorator {
  return IsBoolean({ message: 'must be true or false' });
}

export function IsWhole(min: number, max = 1_000_000): PropertyDecorator {
  const message = `must be a whole number from ${min} to ${max}`;
  return all(IsInt({ message }), Min(min, { message }), Max(max, { message }));
}

/** A duration in seconds for a timer. */
export function IsSeconds(): PropertyDecorator {
  return isBetween(MIN_SECONDS, MAX_TIMER_SECONDS, 'seconds (24 days)');
}

/** A duration in minutes for comparisons with the clock; no timer waits that long. */
export function IsMinutes(): PropertyDecorator {
  return isBetween(MIN_MINUTES, MAX_MINUTES, 'minutes (10 years)');
}

/** The size of something that may be held as one string. */
export function IsStringMegabytes(): PropertyDecorator {
  return isBetween(0.001, MAX_STRING_MEGABYTES, 'megabytes');
}

/** The size of binary content that is sent as base64, which is a third longer. */
export function IsContentMegabytes(): PropertyDecorator {
  return isBetween(0.0001, Math.floor((MAX_STRING_MEGABYTES * 3) / 4), 'megabytes');
}

/** The size of a store; a minimum of 0 allows disabling it. */
export function IsStoreMegabytes(min = 0.001): PropertyDecorator {
  return isBetween(min, MAX_MEGABYTES, 'megabytes');
}

export function IsDollars(max: number): PropertyDecorator {
  const message = `must be more than 0 and at most ${max} US dollars`;
  return all(IsNumber({}, { message }), IsPositive({ message }), Max(max, { message }));
}

/** Text of one line: logs and terminals show it, where control characters would take effect. */
export function IsText(): PropertyDecorator {
  return all(IsLongText(), Matches(ONE_LINE, { message: NO_CONTROL_CHARACTERS }));
}

/** Text of any number of lines. */
export function IsLongText(): PropertyDecorator {
  return all(IsString({ message: NOT_EMPTY }), MinLength(1, { message: NOT_EMPTY }));
}

export function IsOneOf(values: readonly string[]): PropertyDecorator {
  return IsIn([...values], { message: `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` });
}

export function IsListOfTexts(): PropertyDecorator {
  return IsListOf(
    { isKept: (value) => typeof value === 'string' && value !== '', words: NOT_EMPTY },
    matching(ONE_LINE, NO_CONTROL_CHARACTERS),
  );
}

export function IsListOfMatches(pattern: RegExp, words: string): PropertyDecorator {
  return IsListOf(matching(pattern, words));
}

export function IsListOfModels(): PropertyDecorator {
  return all(IsListOf(...MODEL_NAME), ArrayMinSize(1, { message: 'must have at least one entry' }));
}

/** A list whose values all satisfy the rules. */
export function IsListOf(...rules: readonly Rule[]): PropertyDecorator {
  return all(
    IsArray({ message: 'must be a list: [ … ]' }),
    HasParts((list) => (list as unknown[]).flatMap((value, index) => brokenRule(rules, value, String(index)))),
  );
}

/** A list of tables, which become instances of a class with validators of its own. */
export function IsListOfEntries(EntryClass: new () => object): PropertyDecorator {
  const isEntry = { isKept: (value: unknown) => value instanceof EntryClass, words: 'must be a table: { … }' };
  return all(EntriesAre(EntryClass), IsListOf(isEntry));
}

/** A table from model names to model names. */
export function IsTableOfModels(): PropertyDecorator {
  const message = 'must be a table: { … }';
  return all(
    IsObject({ message }),
    HasParts((table) =>
      Object.entries(table as object).flatMap(([name, value]) => [
        ...brokenRule(MODEL_NAME, name, name).map(({ path, words }) => ({ path, words: `its name ${words}` })),
        ...brokenRule(MODEL_NAME, value, name),
      ]),
    ),
  );
}

function isBetween(min: number, max: number, unit: string): PropertyDecorator {
  const message = `must be ${min} to ${max} ${unit}`;
  return all(IsNumber({}, { message }), Min(min, { message }), Max(max, { message }));
}

function matching(pattern: RegExp, words: string): Rule {
  return { isKept: (value) => typeof value === 'string' && pattern.test(value), words };
}

function brokenRule(rules: readonly Rule[], value: unknown, place: string): Problem[] {
  const broken = rules.find(({ isKept }) => !isKept(value));
  return broken ? [{ path: [place], words: broken.words }] : [];
}

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}
