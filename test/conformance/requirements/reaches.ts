import { proof, type Proof } from './requirement.ts';

/** The end-to-end tests of parameters: each reaches the model, and does not affect the next request. */
export function reaches(...parameters: string[]): Proof {
  const titles = parameters.map((what) => `${what} reaches the model, and the next request shows none of it`);
  return proof('test/e2e/parameters.spec.ts', ...titles);
}
