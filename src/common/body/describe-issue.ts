import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type DiscriminatorIssue = z.core.$ZodIssueInvalidUnion & { discriminator: string; options?: readonly unknown[] };

export interface DescribedIssue {
  readonly message: string;
  /** The path of the field, as in `messages[0].content[1].text`. */
  readonly param: string;
  readonly code: string;
}

/** A problem of the body in OpenAI's words, at the deepest field it can be pinned to. */
export function describeIssue(outer: Issue, body: unknown): DescribedIssue {
  const { issue, path } = deepest(outer, [], body);
  const param = toParam(path);
  const value = valueAt(body, path);
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      if (issue.code === 'invalid_union' && isDiscriminator(issue)) {
        return describeDiscriminator(issue, path, body);
      }
      if (value === undefined) {
        return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
      }
      return {
        message: `Invalid type for '${param}': expected ${expectedType(issue)}, but got ${typeName(value)} instead.`,
        param,
        code: 'invalid_type',
      };
    case 'invalid_value': {
      const supported = issue.values.map((allowed) => `'${String(allowed)}'`).join(', ');
      if (value === undefined) {
        return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
      }
      return {
        message: `Invalid value for '${param}': ${preview(value)}. Supported values are: ${supported}.`,
        param,
        code: 'invalid_value',
      };
    }
    case 'too_small':
    case 'too_big':
      return describeBound(issue, param, value);
    default:
      return { message: `Invalid '${param}': ${issue.message}.`, param, code: 'invalid_value' };
  }
}

/** Follows unions into the alternative that the value was meant to be. */
function deepest(issue: Issue, base: PropertyKey[], body: unknown): { issue: Issue; path: PropertyKey[] } {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union' || isDiscriminator(issue)) return { issue, path };
  for (const alternative of issue.errors) {
    const first = alternative[0];
    // An alternative that fails below its own top is the one whose type fits.
    if (first && (first.path.length > 0 || first.code !== 'invalid_type') && !isOtherKind(first, valueAt(body, path))) {
      return deepest(first, path, body);
    }
  }
  return { issue, path };
}

/** An enumeration of texts says nothing about a value that is not a text. */
function isOtherKind(issue: Issue, value: unknown): boolean {
  return issue.path.length === 0 && issue.code === 'invalid_value' && typeof value !== 'string';
}

function isDiscriminator(issue: Issue): issue is DiscriminatorIssue {
  return issue.code === 'invalid_union' && 'discriminator' in issue && typeof issue.discriminator === 'string';
}

/** The field that tells which kind of object it is has a value that is none of the kinds. */
function describeDiscriminator(issue: DiscriminatorIssue, path: PropertyKey[], body: unknown): DescribedIssue {
  const param = toParam(path);
  const value = valueAt(body, path);
  if (value === undefined)
    return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
  const kinds = issue.options?.map((kind) => `'${String(kind)}'`).join(', ');
  const supported = kinds ? ` Supported values are: ${kinds}.` : '';
  return {
    message: `Invalid value for '${param}': ${preview(value)}.${supported}`,
    param,
    code: 'invalid_value',
  };
}

function describeBound(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  param: string,
  value: unknown,
): DescribedIssue {
  const isSmall = issue.code === 'too_small';
  const bound = isSmall ? issue.minimum : issue.maximum;
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

function toParam(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'an integer',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

function expectedType(issue: Issue): string {
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === 'invalid_union') {
    const kinds = issue.errors.map(([first]) => (first && !isDiscriminator(first) ? expectedType(first) : 'an object'));
    return [...new Set(kinds)].join(' or ');
  }
  return 'a string';
}

/** A value as it may stand in a message: short, and not opened up where it is a list or an object. */
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
