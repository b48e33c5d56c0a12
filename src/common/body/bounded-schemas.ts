import { z } from 'zod';

/**
 * Lists and objects of unbounded size. zod collects every problem of every element, at up to ten microseconds each, but
 * only the first is reported. These stop at the first one.
 */

interface ListBounds {
  readonly min?: number;
  readonly max?: number;
}

/** A list, parsed up to its first wrong element. Checks its length before its elements. */
export function listOf<Element extends z.ZodType>(
  element: Element,
  { min = 0, max = Number.POSITIVE_INFINITY }: ListBounds = {},
): z.ZodType<z.output<Element>[]> {
  return z
    .array(z.unknown())
    .min(min)
    .max(max)
    .transform((values, context) => {
      const read: z.output<Element>[] = [];
      for (const [index, value] of values.entries()) {
        const result = element.safeParse(value);
        if (!result.success) return stop(context, index, result.error);
        read.push(result.data);
      }
      return read;
    });
}

/** An object with any keys, parsed up to its first wrong value. Returns the same object. */
export function recordOf<Value extends z.ZodType>(value: Value): z.ZodType<Record<string, z.output<Value>>> {
  return anyObject().transform((record, context) => {
    for (const key of Object.keys(record)) {
      const result = value.safeParse(record[key]);
      if (!result.success) return stop(context, key, result.error);
    }
    return record as Record<string, z.output<Value>>;
  });
}

/** An object whose content is not checked. Returns the same object. */
export function anyObject(): z.ZodType<Record<string, unknown>> {
  return z.unknown().transform((value, context) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    context.issues.push({ code: 'invalid_type', expected: 'record', input: value });
    return z.NEVER;
  });
}

function stop(context: z.RefinementCtx, key: PropertyKey, { issues }: z.ZodError): never {
  const [first] = issues;
  if (first) context.issues.push({ ...first, path: [key, ...first.path], input: undefined });
  return z.NEVER;
}
