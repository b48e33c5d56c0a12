import { proof, type Proof } from './requirement.ts';

/** The tests of parameters end to end: each reaches the model, and the next request shows none of it. */
export function reaches(...parameters: string[]): Proof {
  const titles = parameters.map((what) => `${what} reaches the model, and the next request shows none of it`);
  return proof('test/e2e/parameters.spec.ts', ...titles);
}
