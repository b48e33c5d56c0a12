import { z } from 'zod';

/*
 * Lists and objects whose size is the client's choice. zod collects every problem of every element; only the first is told,
 * and the others take up to ten microseconds each. These stop at the first one.
 */

interface ListBounds {
  readonly min?: number;
  readonly max?: number;
}

/** A list that is read up to its first wrong element. Its length is checked before its elements. */
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

/** An object of any keys that is read up to its first wrong value, and handed back as it is. */
export function recordOf<Value extends z.ZodType>(value: Value): z.ZodType<Record<string, z.output<Value>>> {
  return anyObject().transform((record, context) => {
    for (const key of Object.keys(record)) {
      const result = value.safeParse(record[key]);
      if (!result.success) return stop(context, key, result.error);
    }
    return record as Record<string, z.output<Value>>;
  });
}

/** An object that is not looked into, and handed back as it is. */
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
