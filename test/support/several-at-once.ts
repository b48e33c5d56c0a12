import * as fc from 'fast-check';

/** How many requests of a fuzzing test run at once. */
export const AT_ONCE = 12;

/** A property of each of several values, which are tried at once; a run counts as `AT_ONCE` values. */
export function severalAtOnce<Value>(
  arbitrary: fc.Arbitrary<Value>,
  check: (value: Value) => Promise<void>,
): fc.IAsyncProperty<[Value[]]> {
  const several = fc.array(arbitrary, { minLength: AT_ONCE, maxLength: AT_ONCE });
  return fc.asyncProperty(several, async (values) => void (await Promise.all(values.map(check))));
}
