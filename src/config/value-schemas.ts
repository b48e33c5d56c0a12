import { z } from 'zod';

/** Node.js timers hold 2^31 - 1 ms (24.8 days); a longer one fires at once. The rest is room for what is added to a setting. */
const MAX_TIMER_SECONDS = 24 * 86_400;
const MIN_SECONDS = 0.01;
const MAX_MINUTES = 10 * 366 * 24 * 60;
const MIN_MINUTES = 0.001;
/** V8 strings hold 512 MiB; a body or a message is one string. */
const MAX_STRING_MEGABYTES = 500;
const MAX_MEGABYTES = 1024 * 1024;

/** A duration in seconds that a timer may wait for. */
export const seconds = between(MIN_SECONDS, MAX_TIMER_SECONDS, 'seconds (24 days)');

/** A duration in minutes that is compared with the clock; timers never wait for it in one piece. */
export const minutes = between(MIN_MINUTES, MAX_MINUTES, 'minutes (10 years)');

/** The size of something that is held as one string at most. */
export const stringMegabytes = between(0.001, MAX_STRING_MEGABYTES, 'megabytes');

/** The size of binary content that travels as base64, which is a third longer. */
export const contentMegabytes = between(0.0001, Math.floor((MAX_STRING_MEGABYTES * 3) / 4), 'megabytes');

/** The size of a store. */
export const storeMegabytes = between(0.001, MAX_MEGABYTES, 'megabytes');

/** The size of a store that 0 switches off. */
export const optionalStoreMegabytes = between(0, MAX_MEGABYTES, 'megabytes');

/** A whole number of things, 0 included. */
export function count(max = 1_000_000): z.ZodInt {
  return whole(0, max);
}

/** A whole number of things, one at least. */
export function positive(max = 1_000_000): z.ZodInt {
  return whole(1, max);
}

/** Text of one line: it is shown in logs and terminals, where control characters would act. */
export const text = z
  .string()
  .min(1)
  .regex(/^\P{Cc}*$/u, 'must not have control characters');

/** The name of a model or an alias. Clients and terminals show it, so it is one line that looks like what it is. */
export const modelName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, 'must not have line breaks or control characters');

function between(min: number, max: number, unit: string): z.ZodNumber {
  const message = `must be ${min} to ${max} ${unit}`;
  return z.number({ error: (issue) => (issue.code === 'invalid_type' ? undefined : message) }).min(min, message).max(max, message); // prettier-ignore
}

function whole(min: number, max: number): z.ZodInt {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int().min(min, message).max(max, message);
}
