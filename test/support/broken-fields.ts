import * as fc from 'fast-check';

export const anything = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>;

export interface BrokenFields {
  /** Mostly the right value, sometimes any other, sometimes none. */
  readonly mostly: (right: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>;
  /** The same for a field that most bodies do not have. */
  readonly seldom: (right: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>;
}

/** @param absentWeight how often a field is absent, beside 60 right values and one wrong one */
export function brokenFields(absentWeight: number): BrokenFields {
  const absent = fc.constant(undefined);
  const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 60, arbitrary: right },
      { weight: 1, arbitrary: anything },
      { weight: absentWeight, arbitrary: absent },
    );
  const seldom = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 1, arbitrary: mostly(right) }, { weight: 6, arbitrary: absent });
  return { mostly, seldom };
}
