import type { z } from 'zod';
import { beyondBound, invalidValue, missing, unsupportedValue, wrongType, type FieldProblem } from './problem-words.ts';

type Issue = z.core.$ZodIssue;
type DiscriminatorIssue = z.core.$ZodIssueInvalidUnion & { discriminator: string; options?: readonly unknown[] };

/** A problem of the body in OpenAI's words, at the deepest field that it can be traced to. */
export function describeIssue(outer: Issue, body: unknown): FieldProblem {
  const { issue, path } = deepest(outer, [], body);
  const param = toParam(path);
  const value = valueAt(body, path);
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      if (value === undefined) return missing(param);
      // The discriminator field has a value that no alternative has.
      if (isDiscriminator(issue)) return unsupportedValue(param, value, issue.options ?? []);
      return wrongType(param, expectedType(issue), value);
    case 'invalid_value':
      return value === undefined ? missing(param) : unsupportedValue(param, value, issue.values);
    case 'too_small':
      return beyondBound(param, { kind: 'min', bound: issue.minimum }, value);
    case 'too_big':
      return beyondBound(param, { kind: 'max', bound: issue.maximum }, value);
    default:
      return invalidValue(param, issue.message);
  }
}

/** Follows unions into the alternative that the value was meant to be. */
function deepest(issue: Issue, base: PropertyKey[], body: unknown): { issue: Issue; path: PropertyKey[] } {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union' || isDiscriminator(issue)) return { issue, path };
  for (const alternative of issue.errors) {
    const first = alternative[0];
    // An alternative that fails below its top level has the right type.
    if (first && (first.path.length > 0 || first.code !== 'invalid_type') && !isOtherKind(first, valueAt(body, path))) {
      return deepest(first, path, body);
    }
  }
  return { issue, path };
}

/** An enumeration of strings says nothing about a value of another type. */
function isOtherKind(issue: Issue, value: unknown): boolean {
  return issue.path.length === 0 && issue.code === 'invalid_value' && typeof value !== 'string';
}

function isDiscriminator(issue: Issue): issue is DiscriminatorIssue {
  return issue.code === 'invalid_union' && 'discriminator' in issue && typeof issue.discriminator === 'string';
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
